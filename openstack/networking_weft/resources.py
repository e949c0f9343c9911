"""Neutron's resources, and the methods of a plugin that each of them takes."""

import dataclasses
from collections.abc import Callable
from typing import Any, Optional

from networking_weft import client

Resource = dict[str, Any]
Filters = Optional[dict[str, Any]]
Fields = Optional[list[str]]


def _as_it_is(item: Resource) -> Resource:
    return item


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of resource: its names, and how Weft's form of it becomes Neutron's."""

    name: str
    plural: str
    shown: Callable[[Resource], Resource] = _as_it_is

    def selected(self, filters: Filters, fields: Fields, paging: Resource) -> Resource:
        data = {"filters": filters or {}, "fields": list(fields or [])}
        data.update((key, value) for key, value in paging.items() if value)
        return data


def methods(kind: Kind) -> dict[str, Callable[..., Any]]:
    """The methods of a plugin for one kind.

    Neutron passes what is to be made by the name of the resource, or as the second argument.
    """

    def create(self: Any, context: Any, body: Any = None, **named: Any) -> Resource:
        sent = (body or named[kind.name])[kind.name]
        return kind.shown(self.call(context, kind.name, "CREATE", {"resource": sent}))

    def create_bulk(self: Any, context: Any, body: Any = None, **named: Any) -> list[Resource]:
        sent = [each[kind.name] for each in (body or named[kind.plural])[kind.plural]]
        made = self.call(context, kind.name, "CREATE", {"resources": sent})
        return [kind.shown(each) for each in made]

    def update(self: Any, context: Any, id: str, body: Any = None, **named: Any) -> Resource:
        sent = (body or named[kind.name])[kind.name]
        return kind.shown(self.call(context, kind.name, "UPDATE", {"id": id, "resource": sent}))

    def show(self: Any, context: Any, id: str, fields: Fields = None) -> Resource:
        data = {"id": id, "fields": list(fields or [])}
        return kind.shown(self.call(context, kind.name, "READ", data))

    def index(
        self: Any,
        context: Any,
        filters: Filters = None,
        fields: Fields = None,
        sorts: Optional[list[tuple[str, bool]]] = None,
        limit: Optional[int] = None,
        marker: Optional[str] = None,
        page_reverse: bool = False,
    ) -> list[Resource]:
        paging = {
            "sorts": sorts,
            "limit": limit,
            "marker": marker,
            "page_reverse": page_reverse,
        }
        data = kind.selected(filters, fields, paging)
        return [kind.shown(each) for each in self.call(context, kind.name, "READALL", data)]

    def count(self: Any, context: Any, filters: Filters = None) -> int:
        data = kind.selected(filters, None, {})
        return int(self.call(context, kind.name, "READCOUNT", data)["count"])

    def delete(self: Any, context: Any, id: str) -> None:
        self.call(context, kind.name, "DELETE", {"id": id})

    return {
        f"create_{kind.name}": create,
        f"create_{kind.name}_bulk": create_bulk,
        f"update_{kind.name}": update,
        f"get_{kind.name}": show,
        f"get_{kind.plural}": index,
        f"get_{kind.plural}_count": count,
        f"delete_{kind.name}": delete,
    }


class Calls:
    """What plugin and quota driver share: the way to Weft."""

    def call(self, context: Any, resource: str, operation: str, data: Resource) -> Any:
        return client.configured().call(context, resource, operation, data)


def calls(*kinds: Kind) -> type[Calls]:
    """A class with the methods for these kinds."""
    found: dict[str, Any] = {}
    for kind in kinds:
        found.update(methods(kind))
    return type("ResourceCalls", (Calls,), found)
