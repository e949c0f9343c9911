"""Neutron's quota driver: limits are Weft's, which also holds to them."""

from typing import Any, Optional

from neutron_lib.db import quota_api

from networking_weft.resources import Calls, Resource

_UNLIMITED = -1


class WeftQuotaDriver(Calls, quota_api.QuotaDriverAPI):
    """Passes limits on. Weft refuses what is over them as it makes things, without a race."""

    def get_default_quotas(self, context: Any, resources: Resource, project_id: str) -> Resource:
        quota = self.call(context, "quota", "READ", {"id": "default"})
        return _limits(quota, resources)

    def get_project_quotas(self, context: Any, resources: Resource, project_id: str) -> Resource:
        return _limits(self.call(context, "quota", "READ", {"id": project_id}), resources)

    def get_detailed_project_quotas(
        self, context: Any, resources: Resource, project_id: str
    ) -> Resource:
        details = self.call(context, "quota", "READ", {"id": project_id})["details"]
        none = {"limit": _UNLIMITED, "used": 0, "reserved": 0}
        return {name: details.get(name, none) for name in resources}

    def delete_project_quota(self, context: Any, project_id: str) -> None:
        self.call(context, "quota", "DELETE", {"id": project_id})

    def get_all_quotas(self, context: Any, resources: Resource) -> list[Resource]:
        return [
            _limits(quota, resources)
            | {"tenant_id": quota["tenant_id"], "project_id": quota["tenant_id"]}
            for quota in self.call(context, "quota", "READALL", {})
        ]

    def update_quota_limit(
        self, context: Any, project_id: str, resource: str, limit: int
    ) -> None:
        data = {"id": project_id, "resource": {resource: limit}}
        self.call(context, "quota", "UPDATE", data)

    def get_resource_usage(
        self, context: Any, project_id: str, resources: Resource, resource_name: str
    ) -> Optional[int]:
        details = self.get_detailed_project_quotas(context, resources, project_id)
        return details.get(resource_name, {}).get("used")

    def get_resource_count(self, context: Any, project_id: str, tracked_resource: Any) -> int:
        name = tracked_resource.name
        return self.get_resource_usage(context, project_id, {name: None}, name) or 0

    def make_reservation(
        self, context: Any, project_id: str, resources: Resource, deltas: Resource, plugin: Any
    ) -> None:
        """Nothing to reserve: the quota is part of the transaction that makes things."""

    def commit_reservation(self, context: Any, reservation_id: str) -> None:
        """There are none."""

    def cancel_reservation(self, context: Any, reservation_id: str) -> None:
        """There are none."""

    def limit_check(
        self, context: Any, project_id: str, resources: Resource, values: Resource
    ) -> None:
        """Weft's, when it makes things."""

    def quota_limit_check(
        self, context: Any, project_id: str, resources: Resource, deltas: Resource
    ) -> None:
        """Weft's, when it makes things."""

    @staticmethod
    def get_workers() -> list[Any]:
        return []


def _limits(quota: Resource, resources: Resource) -> Resource:
    return {name: quota.get(name, _UNLIMITED) for name in resources}
