import unittest
from typing import Any

from neutron_lib import constants, context
from neutron_lib import exceptions as neutron_errors

from networking_weft import client, errors
from tests.wire import Controller, gone


def caller() -> Any:
    return context.Context(
        user_id="u", tenant_id="t", tenant_name="demo", is_admin=False, roles=["member"]
    )


class ClientTest(unittest.TestCase):
    def test_tells_on_whose_behalf_and_what(self) -> None:
        with Controller((200, {"id": "n1"})) as controller:
            who = caller()
            sent = {"name": "a", "mtu": constants.ATTR_NOT_SPECIFIED}
            made = client.Client([controller.url + "/"]).call(
                who, "network", "CREATE", {"resource": sent}
            )
            self.assertEqual({"id": "n1"}, made)
            self.assertEqual(["/neutron/network"], controller.paths)
            asked = controller.asked[0]
            self.assertEqual({"resource": {"name": "a"}}, asked["data"])
            self.assertEqual("t", asked["context"]["tenant_id"])
            self.assertEqual("demo", asked["context"]["tenant_name"])
            self.assertEqual("CREATE", asked["context"]["operation"])
            self.assertIs(False, asked["context"]["is_admin"])
            self.assertEqual(
                who.request_id, controller.headers[0]["X-Openstack-Request-Id"]
            )

    def test_keeps_its_connection(self) -> None:
        with Controller(*[(200, [])] * 5) as controller:
            weft = client.Client([controller.url])
            for _ in range(5):
                weft.call(caller(), "port", "READALL", {})
            self.assertEqual(1, len(controller.connections))

    def test_an_empty_answer_is_none(self) -> None:
        with Controller((200, "")) as controller:
            weft = client.Client([controller.url])
            self.assertIsNone(weft.call(caller(), "port", "DELETE", {"id": "p"}))

    def test_goes_to_the_next_controller_and_stays_there(self) -> None:
        with Controller((200, {"id": "1"}), (200, {"id": "2"})) as controller:
            weft = client.Client([gone(), controller.url])
            weft.call(caller(), "port", "CREATE", {"resource": {}})
            weft.call(caller(), "port", "CREATE", {"resource": {}})
            self.assertEqual(2, len(controller.asked))

    def test_no_controller_is_503_with_each_reason(self) -> None:
        first, second = gone(), gone()
        with self.assertRaises(neutron_errors.ServiceUnavailable) as raised:
            client.Client([first, second]).call(caller(), "port", "READALL", {})
        self.assertIn(first, str(raised.exception))
        self.assertIn(second, str(raised.exception))
        self.assertRegex(str(raised.exception), "(?i)refused")

    def test_what_may_have_been_written_is_not_written_twice(self) -> None:
        with Controller((0, "")) as dying, Controller((200, {})) as other:
            with self.assertRaises(neutron_errors.ServiceUnavailable):
                client.Client([dying.url, other.url]).call(
                    caller(), "port", "CREATE", {"resource": {}}
                )
            self.assertEqual([], other.asked)

    def test_a_read_that_fails_midway_is_made_again(self) -> None:
        with Controller((0, "")) as dying, Controller((200, [])) as other:
            weft = client.Client([dying.url, other.url])
            self.assertEqual([], weft.call(caller(), "port", "READALL", {}))

    def test_503_of_one_controller(self) -> None:
        reason = "the store does not answer"
        with Controller((503, reason), (503, reason)) as sick, Controller((200, [])) as other:
            weft = client.Client([sick.url, other.url])
            with self.assertRaises(neutron_errors.ServiceUnavailable) as raised:
                weft.call(caller(), "port", "DELETE", {"id": "p"})
            self.assertIn(reason, str(raised.exception))
            self.assertEqual([], other.asked)
            self.assertEqual([], weft.call(caller(), "port", "READALL", {}))

    def test_refusals_come_as_their_own_class(self) -> None:
        refused = {"exception": "PortNotFound", "port_id": "p"}
        with Controller((400, refused)) as controller:
            with self.assertRaises(neutron_errors.PortNotFound) as raised:
                client.Client([controller.url]).call(caller(), "port", "READ", {"id": "p"})
            self.assertEqual("Port p could not be found.", str(raised.exception))

    def test_an_answer_that_is_none(self) -> None:
        with Controller((500, "oops")) as controller:
            with self.assertRaises(errors.UnexpectedAnswer) as raised:
                client.Client([controller.url]).call(caller(), "port", "READ", {"id": "p"})
            self.assertIn("oops", str(raised.exception))

    def test_without_controllers(self) -> None:
        with self.assertRaisesRegex(ValueError, "api_servers"):
            client.Client([])


if __name__ == "__main__":
    unittest.main()
