import unittest
from typing import Any

from networking_weft import plugin, quota, security
from networking_weft.resources import Kind, calls


class Recording(calls(Kind("port", "ports"), Kind("network", "networks"))):  # type: ignore[misc]
    """Keeps what would go to Weft."""

    def __init__(self, *answers: Any) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.answers = list(answers)

    def call(self, context: Any, resource: str, operation: str, data: Any) -> Any:
        self.asked.append((resource, operation, data))
        return self.answers.pop(0)


class ResourcesTest(unittest.TestCase):
    def test_create_takes_its_body_by_name_and_by_place(self) -> None:
        for named in (True, False):
            weft = Recording({"id": "p"})
            body = {"port": {"name": "a"}}
            made = weft.create_port(None, port=body) if named else weft.create_port(None, body)
            self.assertEqual({"id": "p"}, made)
            self.assertEqual([("port", "CREATE", {"resource": {"name": "a"}})], weft.asked)

    def test_bulk_is_one_call(self) -> None:
        weft = Recording([{"id": "p"}, {"id": "q"}])
        body = {"ports": [{"port": {"name": "a"}}, {"port": {"name": "b"}}]}
        self.assertEqual(2, len(weft.create_port_bulk(None, ports=body)))
        self.assertEqual(
            [("port", "CREATE", {"resources": [{"name": "a"}, {"name": "b"}]})], weft.asked
        )

    def test_a_list_is_one_call_with_all_that_was_asked_for(self) -> None:
        weft = Recording([])
        weft.get_ports(
            None, {"name": ["a"]}, ["id"], sorts=[("name", True)], limit=5, marker="m"
        )
        self.assertEqual(
            {
                "filters": {"name": ["a"]},
                "fields": ["id"],
                "sorts": [("name", True)],
                "limit": 5,
                "marker": "m",
            },
            weft.asked[0][2],
        )

    def test_update_show_count_delete(self) -> None:
        weft = Recording({"id": "p"}, {"id": "p"}, {"count": 3}, None)
        weft.update_port(None, "p", {"port": {"name": "b"}})
        weft.get_port(None, "p", fields=["id"])
        self.assertEqual(3, weft.get_ports_count(None))
        weft.delete_port(None, "p")
        self.assertEqual(
            ["UPDATE", "READ", "READCOUNT", "DELETE"], [asked[1] for asked in weft.asked]
        )


class RuleTest(unittest.TestCase):
    def test_what_is_not_limited_is_null(self) -> None:
        shown = security.rule(
            {
                "protocol": "any",
                "port_range_min": 0,
                "port_range_max": 65535,
                "remote_ip_prefix": "0.0.0.0/0",
            }
        )
        self.assertEqual([None] * 4, list(shown.values()))

    def test_what_is_limited_stays(self) -> None:
        rule = {
            "protocol": "tcp",
            "port_range_min": 0,
            "port_range_max": 80,
            "remote_ip_prefix": "10.0.0.0/8",
        }
        self.assertEqual(rule, security.rule(rule))
        group = {"id": "g", "security_group_rules": [rule]}
        self.assertEqual(group, security.group(group))
        self.assertEqual({"id": "g"}, security.group({"id": "g"}))


class CompleteTest(unittest.TestCase):
    def test_nothing_of_what_neutron_demands_is_missing(self) -> None:
        self.assertEqual(frozenset(), plugin.WeftPlugin.__abstractmethods__)
        self.assertEqual(frozenset(), plugin.WeftMeteringPlugin.__abstractmethods__)
        self.assertEqual(frozenset(), quota.WeftQuotaDriver.__abstractmethods__)

    def test_no_datastore_of_neutrons(self) -> None:
        self.assertFalse(plugin.WeftPlugin.has_native_datastore(None))

    def test_extensions_are_sorted_and_single(self) -> None:
        self.assertEqual(len(set(plugin.EXTENSIONS)), len(plugin.EXTENSIONS))


if __name__ == "__main__":
    unittest.main()
