"""Neutron's core plugin, which also serves routers, trunks, tags: each call is one of Weft's."""

from typing import Any, Optional

# Which resources have standard attributes and tags follows from the models that are loaded.
from neutron.db import models_v2  # noqa: F401
from neutron.db import servicetype_db
from neutron.db.models import l3, securitygroup  # noqa: F401
from neutron.api import extensions
from neutron.extensions import l3 as l3_extension
from neutron.extensions import metering
from neutron.extensions import securitygroup as group_extension
from neutron.extensions import tagging
from neutron.neutron_plugin_base_v2 import NeutronPluginBaseV2
from neutron.services.network_ip_availability import plugin as ip_availability
from neutron.services.trunk import models as trunk_models  # noqa: F401
from neutron_lib.plugins import constants, directory
from oslo_config import cfg

from networking_weft import client, security
from networking_weft import extensions as own_extensions
from networking_weft.resources import Kind, Resource, calls

EXTENSIONS = [
    "agent",
    "allowed-address-pairs",
    "availability_zone",
    "binding",
    "dvr",
    "empty-string-filtering",
    "external-net",
    "ext-gw-mode",
    "extra_dhcp_opt",
    "extraroute",
    "extraroute-atomic",
    "filter-validation",
    "fip-port-details",
    "ip-substring-filtering",
    "l3-ha",
    "net-mtu",
    "net-mtu-writable",
    "network_availability_zone",
    "network-ip-availability",
    "port-mac-address-regenerate",
    "port-security",
    "project-id",
    "provider",
    "quota_details",
    "quotas",
    "rbac-policies",
    "rbac-security-groups",
    "revision-if-match",
    "router",
    "router_availability_zone",
    "security-group",
    "security-groups-normalized-cidr",
    "service-type",
    "standard-attr-description",
    "standard-attr-revisions",
    "standard-attr-tag",
    "standard-attr-timestamp",
    "subnet_allocation",
    "trunk",
    "trunk-details",
    "weft-default-external-network",
]

_Calls = calls(
    Kind("network", "networks"),
    Kind("subnet", "subnets"),
    Kind("subnetpool", "subnetpools"),
    Kind("port", "ports"),
    Kind("router", "routers"),
    Kind("floatingip", "floatingips"),
    Kind("security_group", "security_groups", security.group),
    Kind("security_group_rule", "security_group_rules", security.rule),
    Kind("rbac_policy", "rbac_policies"),
    Kind("trunk", "trunks"),
    Kind("network_ip_availability", "network_ip_availabilities"),
    Kind("availability_zone", "availability_zones"),
    Kind("agent", "agents"),
)


_MeteringCalls = calls(
    Kind("metering_label", "metering_labels"),
    Kind("metering_label_rule", "metering_label_rules"),
)


class WeftMeteringPlugin(
    _MeteringCalls,  # type: ignore[misc, valid-type]
    metering.MeteringPluginBase,
):
    """Apart from the core plugin because its paths begin with /metering."""

    supported_extension_aliases = ["metering"]

    path_prefix = "/metering"


class _OneProvider:
    """What provides routers, as Neutron's extension of services' providers asks for it."""

    def get_service_providers(
        self, filters: Optional[Resource] = None, fields: Optional[list[str]] = None
    ) -> list[Resource]:
        provider = {"service_type": constants.L3, "name": "weft", "default": True}
        wanted = filters or {}
        if any(provider.get(name) not in values for name, values in wanted.items()):
            return []
        return [{name: provider[name] for name in provider if not fields or name in fields}]


def _nova_notifier() -> Optional[Any]:
    """Neutron's own, which tells Nova of floating addresses, changed and deleted ports.

    Of ports that are plugged Weft's controller tells Nova.
    """
    if not cfg.CONF.notify_nova_on_port_data_changes:
        return None
    from neutron.notifiers import nova

    return nova.Notifier.get_instance()


class WeftPlugin(
    _Calls,  # type: ignore[misc, valid-type]
    l3_extension.RouterPluginBase,
    group_extension.SecurityGroupPluginBase,
    tagging.TagPluginBase,
    NeutronPluginBaseV2,
):
    """Translates. It keeps nothing, and uses no database."""

    # Neutron looks for these by the name of the class.
    __native_bulk_support = True
    __native_pagination_support = True
    __native_sorting_support = True
    __filter_validation_support = True

    supported_extension_aliases = EXTENSIONS

    def __init__(self) -> None:
        super().__init__()
        client.configured()
        extensions.append_api_extensions_path(list(own_extensions.__path__))
        directory.add_plugin(tagging.TAG_PLUGIN_TYPE, self)
        directory.add_plugin("trunk", self)
        directory.add_plugin(constants.METERING, WeftMeteringPlugin())
        servicetype_db.ServiceTypeManager.get_instance().add_provider_configuration(
            constants.L3, _OneProvider()
        )
        # Neutron's extension asks this class for who answers.
        ip_availability.NetworkIPAvailabilityPlugin._instance = self
        self._nova = _nova_notifier()

    def add_router_interface(
        self, context: Any, router_id: str, interface_info: Optional[Resource] = None
    ) -> Resource:
        return self._router(context, "ADDINTERFACE", router_id, interface_info or {})

    def remove_router_interface(
        self, context: Any, router_id: str, interface_info: Resource
    ) -> Resource:
        return self._router(context, "DELINTERFACE", router_id, interface_info)

    def _router(self, context: Any, operation: str, id: str, sent: Resource) -> Resource:
        return self.call(context, "router", operation, {"id": id, "resource": sent})

    def add_extraroutes(
        self, context: Any, router_id: str, body: Optional[Resource] = None
    ) -> Resource:
        return self._extraroutes(context, "ADD_EXTRAROUTES", router_id, body or {})

    def remove_extraroutes(
        self, context: Any, router_id: str, body: Optional[Resource] = None
    ) -> Resource:
        return self._extraroutes(context, "REMOVE_EXTRAROUTES", router_id, body or {})

    def _extraroutes(
        self, context: Any, operation: str, id: str, body: Resource
    ) -> Resource:
        return {"router": self._router(context, operation, id, body.get("router", {}))}

    def add_subports(self, context: Any, trunk_id: str, subports: Resource) -> Resource:
        return self.call(
            context, "trunk", "ADD_SUBPORTS", {"id": trunk_id, "resource": subports}
        )

    def remove_subports(self, context: Any, trunk_id: str, subports: Resource) -> Resource:
        return self.call(
            context, "trunk", "REMOVE_SUBPORTS", {"id": trunk_id, "resource": subports}
        )

    def get_subports(self, context: Any, trunk_id: str, fields: Any = None) -> Resource:
        trunk = self.call(context, "trunk", "READ", {"id": trunk_id})
        return {"sub_ports": trunk["sub_ports"]}

    def get_tags(self, context: Any, resource: str, resource_id: str) -> Resource:
        return self._tags(context, "READ", resource, resource_id, {})

    def get_tag(self, context: Any, resource: str, resource_id: str, tag: str) -> None:
        if tag not in self.get_tags(context, resource, resource_id)["tags"]:
            raise tagging.TagNotFound(tag=tag, tags=tag)

    def update_tags(
        self, context: Any, resource: str, resource_id: str, body: Resource
    ) -> Resource:
        return self._tags(context, "UPDATE", resource, resource_id, body)

    def update_tag(self, context: Any, resource: str, resource_id: str, tag: str) -> None:
        self._tags(context, "CREATE", resource, resource_id, {"tags": [tag]})

    def delete_tags(self, context: Any, resource: str, resource_id: str) -> None:
        self._tags(context, "DELETE", resource, resource_id, {})

    def delete_tag(self, context: Any, resource: str, resource_id: str, tag: str) -> None:
        self._tags(context, "DELETE", resource, resource_id, {"tags": [tag]})

    def _tags(
        self, context: Any, operation: str, resource: str, id: str, sent: Resource
    ) -> Resource:
        whose = {"resource_type": resource, "resource_id": id}
        return self.call(context, "tags", operation, {"id": id, "resource": whose | sent})

    def validate_availability_zones(
        self, context: Any, resource_type: str, availability_zones: list[str]
    ) -> None:
        """Weft refuses what it does not know."""

    def get_plugin_description(self) -> str:
        return "Weft"
