"""The calls of Weft's config API."""

import functools
import json
import logging
from collections.abc import Sequence
from typing import Any, Optional

import requests
from keystoneauth1 import exceptions as auth_errors
from keystoneauth1 import plugin as auth_plugin
from keystoneauth1 import session as auth_session
from neutron_lib import constants
from oslo_config import cfg
from requests import adapters

from networking_weft import config, errors

LOG = logging.getLogger(__name__)

READING = frozenset({"READ", "READALL", "READCOUNT"})


class Client:
    """Calls the first controller that answers; connections are kept.

    A call that reads goes to the next controller whenever one fails. One that writes does only
    if it cannot have arrived: what is done twice would be wrong.
    """

    def __init__(
        self,
        servers: Sequence[str],
        auth: Optional[auth_plugin.BaseAuthPlugin] = None,
        keystone: Optional[auth_session.Session] = None,
        timeouts: tuple[float, float] = (3.0, 60.0),
        pool_size: int = 64,
    ) -> None:
        if not servers:
            raise ValueError("[weft] api_servers names no controller")
        self._servers = [server.rstrip("/") for server in servers]
        self._first = 0
        self._auth = auth
        self._keystone = keystone
        self._timeouts = timeouts
        self._http = requests.Session()
        self._http.trust_env = False
        adapter = adapters.HTTPAdapter(pool_connections=len(servers), pool_maxsize=pool_size)
        self._http.mount("http://", adapter)
        self._http.mount("https://", adapter)
        if keystone is not None:
            self._http.verify = keystone.verify
            self._http.cert = keystone.cert

    def call(
        self, context: Any, resource: str, operation: str, data: dict[str, Any]
    ) -> Any:
        """One of Neutron's calls; the answer as Python's values, None if there is none.

        :raises neutron_lib.exceptions.NeutronException: a refusal, by its own class
        """
        body = json.dumps(
            {"context": _context(context, resource, operation, data), "data": plain(data)},
            default=str,
        ).encode()
        path = f"/neutron/{resource}"
        answer = self._post(path, body, operation in READING, context)
        if answer.status_code == 200:
            return answer.json() if answer.content else None
        if answer.status_code == 400:
            try:
                raise errors.refusal(answer.json())
            except ValueError:
                pass  # a refusal in plain text
        if answer.status_code == 503:
            raise errors.ControllersUnavailable(reason=answer.text.strip())
        raise errors.UnexpectedAnswer(status=answer.status_code, text=answer.text.strip())

    def _post(
        self, path: str, body: bytes, repeatable: bool, context: Any
    ) -> requests.Response:
        """Asks the controllers in turn, beginning with the one that answered last."""
        first, reasons = self._first, []
        refused: Optional[requests.Response] = None
        for step in range(len(self._servers)):
            index = (first + step) % len(self._servers)
            server = self._servers[index]
            try:
                answer = self._authenticated(server + path, body, context)
            except requests.exceptions.RequestException as e:
                LOG.warning("%s does not answer: %s", server, e)
                reasons.append(f"{server}: {_reason(e)}")
                if not repeatable and not _never_sent(e):
                    break
                continue
            if answer.status_code == 503 and repeatable:
                refused = answer
                continue
            self._first = index
            return answer
        if refused is not None:
            return refused
        raise errors.ControllersUnavailable(reason="; ".join(reasons))

    def _authenticated(self, url: str, body: bytes, context: Any) -> requests.Response:
        """With Neutron's own token, a new one if the old one is refused."""
        answer = self._send(url, body, context)
        if answer.status_code == 401 and self._auth is not None:
            self._auth.invalidate()
            answer = self._send(url, body, context)
        return answer

    def _send(self, url: str, body: bytes, context: Any) -> requests.Response:
        headers = {"Content-Type": "application/json"}
        request_id = getattr(context, "request_id", None)
        if request_id:
            headers["X-Openstack-Request-Id"] = request_id
        if self._auth is not None and self._keystone is not None:
            try:
                headers.update(self._auth.get_headers(self._keystone) or {})
            except auth_errors.ClientException as e:
                raise errors.ControllersUnavailable(reason=f"Keystone: {e}") from e
        return self._http.post(url, data=body, headers=headers, timeout=self._timeouts)


def _never_sent(failure: requests.exceptions.RequestException) -> bool:
    """True if there was no connection to send it on."""
    if isinstance(failure, requests.exceptions.ConnectTimeout):
        return True
    cause = failure.args[0] if failure.args else None
    reason = getattr(cause, "reason", cause)
    return type(reason).__name__ in ("NewConnectionError", "ConnectTimeoutError")


def _reason(failure: requests.exceptions.RequestException) -> str:
    cause = failure.args[0] if failure.args else failure
    return str(getattr(cause, "reason", cause)).rsplit(">: ", 1)[-1]


def _context(
    context: Any, resource: str, operation: str, data: dict[str, Any]
) -> dict[str, Any]:
    """On whose behalf: what Weft needs of Neutron's context."""
    return _constraint(context, operation, data) | {
        "operation": operation,
        "type": resource,
        "is_admin": bool(context.is_admin),
        "tenant_id": context.tenant_id,
        "tenant_name": context.tenant_name,
        "user_id": context.user_id,
        "roles": list(context.roles or []),
        "request_id": context.request_id,
    }


def _constraint(context: Any, operation: str, data: dict[str, Any]) -> dict[str, Any]:
    """The revision that the caller wants the resource to have which is changed."""
    constraint = getattr(context, "_txn_constraint", None)
    if (
        constraint is None
        or operation not in ("UPDATE", "DELETE")
        or constraint.resource_id != data.get("id")
    ):
        return {}
    return {"revision_number": constraint.if_revision_match}


def plain(value: Any) -> Any:
    """Without what Neutron puts in for attributes that were not sent."""
    if isinstance(value, dict):
        return {
            key: plain(each)
            for key, each in value.items()
            if each is not constants.ATTR_NOT_SPECIFIED
        }
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


@functools.lru_cache(maxsize=None)
def configured() -> Client:
    """The client that Neutron's configuration describes; one for the process."""
    config.register(cfg.CONF)
    auth, keystone = config.authentication(cfg.CONF)
    section = cfg.CONF.weft
    return Client(
        section.api_servers,
        auth,
        keystone,
        (section.connect_timeout, section.timeout or config.ANSWER_TIMEOUT),
        section.pool_size,
    )
