import os
import unittest

import os_vif
from os_vif import exception, objects

from networking_weft import osvif
from tests.wire import Controller, gone

os_vif.objects.register_all()


def vif() -> objects.vif.VIFGeneric:
    return objects.vif.VIFGeneric(
        id="7c1a6ad4-8c60-4d63-9d0b-1f4b2f9b9b01",
        address="02:7c:1a:6a:d4:8c",
        vif_name="tap7c1a6ad4-8c",
        network=objects.network.Network(id="9f1e0d9a-0b0a-4b55-8f0f-6f9d6a6f2b02"),
    )


def machine() -> objects.instance_info.InstanceInfo:
    return objects.instance_info.InstanceInfo(
        uuid="1b671a64-40d5-491e-99b0-da01ff1f3341", name="instance-1"
    )


class OsVifTest(unittest.TestCase):
    def setUp(self) -> None:
        self.plugin = osvif.WeftVifPlugin.load("vrouter")
        self.addCleanup(os.environ.pop, osvif.PORT_API, None)

    def test_plug_tells_the_agent_of_the_port_and_makes_no_device(self) -> None:
        with Controller((200, {})) as agent:
            os.environ[osvif.PORT_API] = agent.url
            self.plugin.plug(vif(), machine())
            self.assertEqual(["/port"], agent.paths)
            told = agent.asked[0]
            self.assertEqual("tap7c1a6ad4-8c", told["system-name"])
            self.assertEqual(vif().id, told["id"])
            self.assertEqual(machine().uuid, told["instance-id"])
            self.assertEqual("02:7c:1a:6a:d4:8c", told["mac-address"])
            self.assertEqual(vif().network.id, told["vn-id"])
        self.assertFalse(os.path.exists("/sys/class/net/tap7c1a6ad4-8c"))

    def test_an_agent_that_refuses_or_is_away_fails_the_plugging_with_its_reason(self) -> None:
        with Controller((400, "no such thing")) as agent:
            os.environ[osvif.PORT_API] = agent.url
            with self.assertRaisesRegex(exception.PlugException, "no such thing"):
                self.plugin.plug(vif(), machine())
        os.environ[osvif.PORT_API] = gone()
        with self.assertRaisesRegex(exception.PlugException, "does not answer"):
            self.plugin.plug(vif(), machine())
        with self.assertRaises(exception.UnplugException):
            self.plugin.unplug(vif(), machine())

    def test_describes_the_kind_of_vif_that_nova_makes_for_vrouter(self) -> None:
        info = self.plugin.describe()
        self.assertEqual("vrouter", info.plugin_name)
        self.assertEqual("VIFGeneric", info.vif_info[0].vif_object_name)


if __name__ == "__main__":
    unittest.main()
