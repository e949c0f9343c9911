"""Plugs or unplugs a port of this host with the os-vif plugin, as Nova does for its machines.

plug.py plug|unplug PORT MAC DEVICE NETWORK MACHINE NAME
"""

import sys

from networking_weft import osvif
from os_vif import objects


def main(action: str, port: str, mac: str, device: str, net: str, machine: str, name: str) -> None:
    objects.register_all()
    plugin = osvif.WeftVifPlugin.load("vrouter")
    vif = objects.vif.VIFGeneric(
        id=port, address=mac, vif_name=device, network=objects.network.Network(id=net)
    )
    info = objects.instance_info.InstanceInfo(uuid=machine, name=name)
    (plugin.plug if action == "plug" else plugin.unplug)(vif, info)


if __name__ == "__main__":
    main(*sys.argv[1:])
