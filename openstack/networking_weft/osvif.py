"""The os-vif plugin of Nova's compute hosts: tells the vRouter's agent which device a port has.

libvirt makes the device itself when it starts the machine, so nothing is made here: the agent
takes the port and waits for the device.
"""

import json
import os
from typing import Any
from urllib import error, request

from os_vif import exception, objects, plugin
from os_vif.objects import base

PORT_API = "WEFT_PORT_API"
DEFAULT_PORT_API = "http://127.0.0.1:9091"
_SECONDS = 20


class WeftVifPlugin(plugin.PluginBase):
    """Plugs by the agent's port API on this host."""

    def describe(self) -> Any:
        return objects.host_info.HostPluginInfo(
            plugin_name="vrouter",
            vif_info=[
                objects.host_info.HostVIFInfo(
                    vif_object_name=objects.vif.VIFGeneric.__name__,
                    min_version="1.0",
                    max_version="1.0",
                )
            ],
        )

    def plug(self, vif: Any, instance_info: Any) -> None:
        try:
            _ask("POST", "/port", port(vif, instance_info))
        except OSError as e:
            raise exception.PlugException(vif=vif, err=reason(e)) from e

    def unplug(self, vif: Any, instance_info: Any) -> None:
        try:
            _ask("DELETE", f"/port/{vif.id}", None)
        except OSError as e:
            if isinstance(e, error.HTTPError) and e.code == 404:
                return
            raise exception.UnplugException(vif=vif, err=reason(e)) from e


def port(vif: Any, instance_info: Any) -> dict[str, Any]:
    """What the agent is told of a port."""
    return {
        "id": vif.id,
        "instance-id": instance_info.uuid,
        "display-name": instance_info.name,
        "vn-id": _of(vif, "network", "id"),
        "vm-project-id": "",
        "system-name": vif.vif_name,
        "mac-address": vif.address,
        "ip-address": "0.0.0.0",
        "ip6-address": "",
        "type": 1,
        "rx-vlan-id": -1,
        "tx-vlan-id": -1,
    }


def _of(vif: base.VersionedObject, name: str, inner: str) -> str:
    return str(getattr(getattr(vif, name), inner)) if vif.obj_attr_is_set(name) else ""


def reason(failure: OSError) -> str:
    if isinstance(failure, error.HTTPError):
        return f"the vRouter's agent says {failure.code}: {failure.read().decode(errors='replace')}"
    return f"the vRouter's agent does not answer: {failure}"


def _ask(method: str, path: str, body: Any) -> None:
    url = os.environ.get(PORT_API, DEFAULT_PORT_API) + path
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    asked = request.Request(url, data=data, headers=headers, method=method)
    opener = request.build_opener(request.ProxyHandler({}))
    with opener.open(asked, timeout=_SECONDS):
        pass
