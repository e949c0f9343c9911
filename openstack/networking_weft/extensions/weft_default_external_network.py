"""`is_default` of external networks, without the auto-allocated topologies that Neutron has it for."""

from typing import Any

from neutron_lib.api import extensions
from neutron_lib.api.definitions import auto_allocated_topology
from neutron_lib.api.definitions import network


class Weft_default_external_network(extensions.ExtensionDescriptor):
    """Named after this file, as Neutron wants it."""

    @classmethod
    def get_name(cls) -> str:
        return "Default external network"

    @classmethod
    def get_alias(cls) -> str:
        return "weft-default-external-network"

    @classmethod
    def get_description(cls) -> str:
        return "Which external network is the default."

    @classmethod
    def get_updated(cls) -> str:
        return "2026-01-01T00:00:00-00:00"

    def get_extended_resources(self, version: str) -> dict[str, Any]:
        attributes = auto_allocated_topology.RESOURCE_ATTRIBUTE_MAP[network.COLLECTION_NAME]
        return {network.COLLECTION_NAME: attributes} if version == "2.0" else {}
