"""Long lists for administrators, as a filter of Neutron's paste pipeline before the application.

Neutron looks at each attribute of each item twice, to take away what policy hides; from an
administrator it hides nothing. Whatever is not a plain list of an administrator's is passed on,
and so is a list that fails: Neutron answers it as ever.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Optional

import webob
from neutron.api import api_common
from neutron_lib import exceptions
from neutron_lib.api import attributes
from neutron_lib.plugins import directory
from oslo_config import cfg

_COLLECTIONS = {
    f"/{plural.replace('_', '-')}": plural
    for plural in ("networks", "subnets", "ports", "routers", "floatingips", "security_groups")
}

# Lists that are shaped, in pages or in parts are Neutron's.
_SHAPING = {"fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir"}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Lists:
    """Answers plain lists of administrators."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        answer = self._answer(environ)
        if answer is None:
            return self._application(environ, start_response)
        start_response(
            "200 OK",
            [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))],
        )
        return [answer]

    def _answer(self, environ: dict[str, Any]) -> Optional[bytes]:
        context = environ.get("neutron.context")
        collection = _COLLECTIONS.get(environ.get("PATH_INFO", ""))
        if collection is None or environ["REQUEST_METHOD"] != "GET" or not _hides_nothing(context):
            return None
        query = webob.Request(environ).GET.dict_of_lists()
        if _SHAPING.intersection(query):
            return None
        shape = attributes.RESOURCES[collection]
        visible = {name for name, of in shape.items() if of["is_visible"]} | {"project_id"}
        try:
            filters = api_common.get_filters_from_dict(
                query, shape, is_filter_validation_supported=True
            )
            items = getattr(directory.get_plugin(), f"get_{collection}")(context, filters)
        except exceptions.NeutronException:
            return None
        shown = [{name: item[name] for name in item if name in visible} for item in items]
        return json.dumps({collection: shown}).encode()


def _hides_nothing(context: Any) -> bool:
    conf = cfg.CONF
    return (
        context is not None
        and context.is_admin
        and not conf.oslo_policy.enforce_new_defaults
        and str(conf.pagination_max_limit) in ("-1", "infinite")
    )


def factory(given: dict[str, str], **own: str) -> Callable[[Application], Lists]:
    """For paste: a filter without options."""
    return Lists
