"""Rules of security groups: what Weft shows as unlimited, Neutron shows as null."""

from typing import Any

_ANY_PREFIX = ("0.0.0.0/0", "::/0")
_ICMP = ("icmp", "icmpv6", "ipv6-icmp", "1", "58")
_FIRST, _LAST = 0, 65535


def rule(item: dict[str, Any]) -> dict[str, Any]:
    shown = dict(item)
    if shown.get("protocol") == "any":
        shown["protocol"] = None
    ports = (shown.get("port_range_min"), shown.get("port_range_max"))
    if ports == (_FIRST, _LAST):
        shown["port_range_min"] = shown["port_range_max"] = None
    elif ports[1] == _LAST and shown.get("protocol") in _ICMP:
        shown["port_range_max"] = None  # any code
    if shown.get("remote_ip_prefix") in _ANY_PREFIX and not shown.get("normalized_cidr"):
        shown["remote_ip_prefix"] = None
    return shown


def group(item: dict[str, Any]) -> dict[str, Any]:
    if "security_group_rules" not in item:
        return item
    shown = dict(item)
    shown["security_group_rules"] = [rule(each) for each in item["security_group_rules"]]
    return shown
