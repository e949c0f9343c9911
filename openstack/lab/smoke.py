"""Does with the `openstack` command what people do, for every resource that Weft claims.

Takes the cloud of the environment; prints a line for each resource, fails at the first surprise.
"""

import contextlib
import io
import json
import sys
import uuid
from typing import Any

import openstack
from openstackclient import shell

_TAG = uuid.uuid4().hex[:8]


class Refused(Exception):
    """The command ended with an error."""


def run(*words: str) -> str:
    """The output of one command."""
    out, complaints = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaints):
        program = shell.OpenStackShell()
        code = program.run(list(words))
    if code:
        raise Refused(" ".join(words) + ": " + complaints.getvalue().strip())
    return out.getvalue()


def made(*words: str) -> dict[str, Any]:
    """What a command that makes or shows something shows."""
    shown = json.loads(run(*words, "-f", "json"))
    assert isinstance(shown, dict), shown
    return shown


def listed(*words: str) -> list[dict[str, Any]]:
    found = json.loads(run(*words, "-f", "json"))
    assert isinstance(found, list), found
    return found


def expect(what: object, wanted: object) -> None:
    if what != wanted:
        raise AssertionError(f"{what!r} instead of {wanted!r}")


def refused(text: str, *words: str) -> None:
    """The command has to be refused with this text."""
    try:
        run(*words)
    except Refused as e:
        if text not in str(e):
            raise AssertionError(f"{text!r} is not in {e}") from e
        return
    raise AssertionError(" ".join(words) + " was not refused")


def name(what: str) -> str:
    return f"smoke-{what}-{_TAG}"


def network() -> None:
    run("network", "create", "--mtu", "1400", "--tag", "one", name("net"))
    run("network", "set", "--description", "d", name("net"))
    shown = made("network", "show", name("net"))
    expect((shown["mtu"], shown["tags"], shown["description"]), (1400, ["one"], "d"))
    run("network", "create", "--external", name("out"))
    expect(len(listed("network", "list", "--external", "--name", name("out"))), 1)
    run("network", "set", "--default", name("out"))
    expect(made("network", "show", name("out"))["is_default"], True)
    run("network", "set", "--no-default", name("out"))
    run("network", "unset", "--tag", "one", name("net"))
    expect(made("network", "show", name("net"))["tags"], [])


def subnet() -> None:
    run(
        *("subnet", "create", "--network", name("net"), "--subnet-range", "10.81.0.0/24"),
        *("--dns-nameserver", "10.81.0.53", "--allocation-pool", "start=10.81.0.10,end=10.81.0.99"),
        *("--host-route", "destination=10.9.0.0/16,gateway=10.81.0.9", name("sub")),
    )
    run(
        *("subnet", "create", "--network", name("net"), "--ip-version", "6"),
        *("--ipv6-ra-mode", "slaac", "--ipv6-address-mode", "slaac"),
        *("--subnet-range", "fd00:81::/64", name("six")),
    )
    run("subnet", "create", "--network", name("out"), "--subnet-range", "198.51.0.0/24", name("o"))
    run("subnet", "set", "--no-dns-nameservers", name("sub"))
    expect(made("subnet", "show", name("sub"))["dns_nameservers"], [])
    refused("overlap", "subnet", "create", "--network", name("net"), *_range("10.81.0.0/25"), "x")


def _range(prefix: str) -> tuple[str, str]:
    return "--subnet-range", prefix


def subnet_pool() -> None:
    run("subnet", "pool", "create", "--pool-prefix", "10.96.0.0/12", name("pool"))
    run("network", "create", name("pooled"))
    run(
        *("subnet", "create", "--network", name("pooled"), "--subnet-pool", name("pool")),
        *("--prefix-length", "26", name("of-pool")),
    )
    run("network", "delete", name("pooled"))
    run("subnet", "pool", "delete", name("pool"))


def security_group() -> None:
    run("security", "group", "create", name("group"))
    rule = ("security", "group", "rule", "create", name("group"), "--protocol", "tcp")
    ruled = made(*rule, "--dst-port", "80:81", "--remote-ip", "0.0.0.0/0")
    expect((ruled["port_range_min"], ruled["remote_ip_prefix"]), (80, "0.0.0.0/0"))
    refused("already exists", *rule, "--dst-port", "80:81", "--remote-ip", "0.0.0.0/0")
    run("security", "group", "rule", "delete", ruled["id"])


def port() -> None:
    run(
        *("port", "create", "--network", name("net"), "--security-group", name("group")),
        *("--fixed-ip", f"subnet={name('sub')},ip-address=10.81.0.20"),
        *("--allowed-address", "ip-address=10.81.0.200", "--tag", "p", name("port")),
    )
    shown = made("port", "show", name("port"))
    expect(shown["fixed_ips"][0]["ip_address"], "10.81.0.20")
    run("port", "set", "--extra-dhcp-option", "name=mtu,value=1300", name("port"))
    run("port", "set", "--host", "nowhere", name("port"))
    expect(made("port", "show", name("port"))["binding_host_id"], "nowhere")
    taken = f"subnet={name('sub')},ip-address=10.81.0.20"
    refused("in use", "port", "create", "--network", name("net"), "--fixed-ip", taken, "x")
    found = listed("port", "list", "--network", name("net"), "--fixed-ip", "ip-address=10.81.0.20")
    expect(len(found), 1)


def router() -> None:
    run("router", "create", name("router"))
    run("router", "add", "subnet", name("router"), name("sub"))
    run("router", "set", "--external-gateway", name("out"), name("router"))
    run("router", "set", "--route", "destination=10.77.0.0/16,gateway=10.81.0.30", name("router"))
    run(
        *("router", "add", "route", "--route", "destination=10.78.0.0/16,gateway=10.81.0.30"),
        name("router"),
    )
    expect(len(made("router", "show", name("router"))["routes"]), 2)
    run(
        *("router", "remove", "route", "--route", "destination=10.78.0.0/16,gateway=10.81.0.30"),
        name("router"),
    )
    refused("ports", "router", "delete", name("router"))


def kinds_of_routers() -> None:
    for kind in ("--distributed", "--ha"):
        run("router", "create", kind, "--disable", name("kind"))
        shown = made("router", "show", name("kind"))
        expect(shown[kind.removeprefix("--")], True)
        run("router", "delete", name("kind"))


def floating_ip() -> None:
    floating = made("floating", "ip", "create", name("out"), "--port", name("port"))
    expect(floating["fixed_ip_address"], "10.81.0.20")
    run("floating", "ip", "unset", "--port", floating["id"])
    run("floating", "ip", "delete", floating["id"])


def trunk() -> None:
    for each in ("parent", "child"):
        run("port", "create", "--network", name("net"), name(each))
    sub = f"port={name('child')},segmentation-type=vlan,segmentation-id=7"
    run("network", "trunk", "create", "--parent-port", name("parent"), "--subport", sub, name("t"))
    expect(len(listed("network", "subport", "list", "--trunk", name("t"))), 1)
    run("network", "trunk", "unset", "--subport", name("child"), name("t"))
    run("network", "trunk", "delete", name("t"))


def rbac_policy() -> None:
    run("project", "create", name("project"))
    policy = made(
        *("network", "rbac", "create", "--type", "network", "--action", "access_as_shared"),
        *("--target-project", name("project"), name("net")),
    )
    run("network", "rbac", "delete", policy["id"])
    run("project", "delete", name("project"))


def quota() -> None:
    # The command asks Nova and Cinder too.
    cloud = openstack.connect()
    project = cloud.current_project_id
    for limit in (1234, -1):
        cloud.network.update_quota(project, networks=limit)
        expect(cloud.network.get_quota(project).networks, limit)


def metering() -> None:
    run("network", "meter", "create", name("meter"))
    rule = made("network", "meter", "rule", "create", "--remote-ip-prefix", "10.0.0.0/8", name("meter"))
    run("network", "meter", "rule", "delete", rule["id"])
    run("network", "meter", "delete", name("meter"))


def looks() -> None:
    for words in (
        ("network", "agent", "list"),
        ("network", "service", "provider", "list"),
        ("ip", "availability", "list"),
        ("availability", "zone", "list", "--network"),
        ("extension", "list", "--network"),
    ):
        listed(*words)


def lists() -> None:
    """What an administrator's plain list says is what Neutron says item by item."""
    api = openstack.connect().network
    for path in ("networks", "subnets", "ports", "routers", "security-groups"):
        kind = path.replace("-", "_")
        plain = api.get(f"/{path}").json()[kind]
        sorted_by_neutron = api.get(f"/{path}?sort_key=id&sort_dir=asc").json()[kind]
        expect(sorted(plain, key=lambda item: str(item["id"])), sorted_by_neutron)


def gone() -> None:
    run("router", "unset", "--external-gateway", "--route", _ROUTE, name("router"))
    run("router", "remove", "subnet", name("router"), name("sub"))
    run("router", "delete", name("router"))
    refused("ports", "network", "delete", name("net"))
    for each in ("port", "parent", "child"):
        run("port", "delete", name(each))
    run("security", "group", "delete", name("group"))
    run("network", "delete", name("net"), name("out"))
    expect([each for each in listed("network", "list") if _TAG in each["Name"]], [])


_ROUTE = "destination=10.77.0.0/16,gateway=10.81.0.30"

STEPS = (
    network,
    subnet,
    subnet_pool,
    security_group,
    port,
    router,
    kinds_of_routers,
    floating_ip,
    trunk,
    rbac_policy,
    quota,
    metering,
    looks,
    lists,
    gone,
)


def main() -> int:
    for step in STEPS:
        try:
            step()
        except (AssertionError, Refused) as e:
            print(f"{step.__name__:16} {e}")
            return 1
        print(f"{step.__name__:16} ok", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
