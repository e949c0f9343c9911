"""Calls at the same time through Neutron's server: each gets the answer that Neutron documents.

Takes the cloud of the environment; prints a line for each race, fails at the first surprise.
"""

import collections
import sys
import threading
import uuid
from collections.abc import Callable
from typing import Any

import openstack
import requests

_CALLERS = 8
_ROUNDS = 5
_TAG = uuid.uuid4().hex[:8]

# Status and class of an answer; no class if it is no refusal.
Answer = tuple[int, str]


class Cloud:
    """One user's calls; each thread has connections of its own."""

    def __init__(self) -> None:
        cloud = openstack.connect()
        self.project = cloud.current_project_id
        self._url = cloud.network.get_endpoint().rstrip("/").removesuffix("/v2.0") + "/v2.0"
        self._token = {"X-Auth-Token": cloud.auth_token}

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        url = self._url + path
        return requests.request(method, url, json=body, headers=self._token, timeout=120)

    def made(self, path: str, body: Any) -> Any:
        """What a creation that must work made."""
        answer = self.ask("POST", path, body)
        if answer.status_code != 201:
            raise AssertionError(f"POST {path}: {answer.status_code} {answer.text}")
        return next(iter(answer.json().values()))

    def network(self, cidr: str) -> tuple[str, str]:
        """A network and its subnet."""
        network = self.made("/networks", {"network": {"name": f"race-{_TAG}"}})["id"]
        subnet = {"network_id": network, "ip_version": 4, "cidr": cidr}
        return network, self.made("/subnets", {"subnet": subnet})["id"]

    def port(self, network: str, **more: Any) -> Any:
        return self.made("/ports", {"port": {"network_id": network} | more})

    def gone(self, *paths: str) -> None:
        for path in paths:
            answer = self.ask("DELETE", path)
            if answer.status_code not in (204, 404):
                raise AssertionError(f"DELETE {path}: {answer.status_code} {answer.text}")


Call = Callable[[], requests.Response]


def answers(*calls: Call) -> list[Answer]:
    """The answers to calls that are made at the same time, in their order."""
    begin = threading.Barrier(len(calls))
    found: list[Answer] = [(0, "no answer")] * len(calls)

    def run(number: int, call: Call) -> None:
        begin.wait()
        found[number] = _answer(call())

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _answer(response: requests.Response) -> Answer:
    if response.status_code < 300:
        return response.status_code, ""
    try:
        return response.status_code, response.json()["NeutronError"]["type"]
    except (ValueError, KeyError, TypeError):
        return response.status_code, response.text


def tally(found: list[Answer]) -> dict[Answer, int]:
    return dict(collections.Counter(found))


def expect(found: object, *wanted: object) -> None:
    if found not in wanted:
        raise AssertionError(f"{found} instead of {' or '.join(map(str, wanted))}")


def one_wins(call: Call, won: int, refused: Answer) -> None:
    """Of equal calls one is done, and each of the others refused in the same way."""
    found = tally(answers(*[call] * _CALLERS))
    expect(found, {(won, ""): 1, refused: _CALLERS - 1})


def one_address(cloud: Cloud) -> None:
    network, _ = cloud.network("10.61.0.0/24")
    for host in range(10, 10 + _ROUNDS):
        port = {"network_id": network, "fixed_ips": [{"ip_address": f"10.61.0.{host}"}]}
        one_wins(lambda: cloud.ask("POST", "/ports", {"port": port}), 201, (409, "IpAddressInUse"))
    _empty(cloud, network)


def one_mac(cloud: Cloud) -> None:
    network, _ = cloud.network("10.61.0.0/24")
    port = {"network_id": network, "mac_address": "fa:16:3e:61:00:01"}
    one_wins(lambda: cloud.ask("POST", "/ports", {"port": port}), 201, (409, "MacAddressInUse"))
    _empty(cloud, network)


def last_addresses(cloud: Cloud) -> None:
    network, _ = cloud.network("10.61.0.0/29")
    port = {"port": {"network_id": network}}
    found = tally(answers(*[lambda: cloud.ask("POST", "/ports", port)] * _CALLERS))
    expect(found, {(201, ""): 4, (409, "IpAddressGenerationFailure"): _CALLERS - 4})
    _empty(cloud, network)


def _empty(cloud: Cloud, network: str) -> None:
    for port in cloud.ask("GET", f"/ports?network_id={network}").json()["ports"]:
        cloud.gone(f"/ports/{port['id']}")
    cloud.gone(f"/networks/{network}")


def network_in_use(cloud: Cloud) -> None:
    """Either the network goes and there is no port, or the port is there and the network stays."""
    for _ in range(_ROUNDS):
        network, _ = cloud.network("10.62.0.0/24")
        port = {"port": {"network_id": network}}
        found = answers(
            lambda: cloud.ask("DELETE", f"/networks/{network}"),
            lambda: cloud.ask("POST", "/ports", port),
        )
        gone, stays = (204, ""), (409, "NetworkInUse")
        expect(found, [gone, (404, "NetworkNotFound")], [stays, (201, "")])
        left = cloud.ask("GET", f"/ports?network_id={network}").json()["ports"]
        expect(len(left), 0 if found[0] == gone else 1)
        _empty(cloud, network)


def subnet_in_use(cloud: Cloud) -> None:
    router = cloud.made("/routers", {"router": {"name": f"race-{_TAG}"}})["id"]
    for _ in range(_ROUNDS):
        network, subnet = cloud.network("10.62.0.0/24")
        body = {"subnet_id": subnet}
        found = answers(
            lambda: cloud.ask("DELETE", f"/subnets/{subnet}"),
            lambda: cloud.ask("PUT", f"/routers/{router}/add_router_interface", body),
        )
        expect(
            found,
            [(204, ""), (404, "SubnetNotFound")],
            [(409, "SubnetInUse"), (200, "")],
        )
        if found[1] == (200, ""):
            cloud.ask("PUT", f"/routers/{router}/remove_router_interface", body)
        _empty(cloud, network)
    cloud.gone(f"/routers/{router}")


def group_in_use(cloud: Cloud) -> None:
    network, _ = cloud.network("10.62.0.0/24")
    for _ in range(_ROUNDS):
        group = cloud.made("/security-groups", {"security_group": {"name": f"race-{_TAG}"}})["id"]
        port = {"port": {"network_id": network, "security_groups": [group]}}
        found = answers(
            lambda: cloud.ask("DELETE", f"/security-groups/{group}"),
            lambda: cloud.ask("POST", "/ports", port),
        )
        expect(
            found,
            [(204, ""), (404, "SecurityGroupNotFound")],
            [(409, "SecurityGroupInUse"), (201, "")],
        )
        for each in cloud.ask("GET", f"/ports?network_id={network}").json()["ports"]:
            cloud.gone(f"/ports/{each['id']}")
        cloud.gone(f"/security-groups/{group}")
    _empty(cloud, network)


def router_interfaces(cloud: Cloud) -> None:
    """One subnet has one interface of a router; one router no two subnets that overlap."""
    (one, subnet), (other, overlapping) = (cloud.network("10.63.0.0/24") for _ in range(2))
    router, second = (
        cloud.made("/routers", {"router": {"name": f"race-{_TAG}"}})["id"] for _ in range(2)
    )

    def add(where: str, what: str) -> Call:
        path = f"/routers/{where}/add_router_interface"
        return lambda: cloud.ask("PUT", path, {"subnet_id": what})

    def remove() -> None:
        for where in (router, second):
            for what in (subnet, overlapping):
                path = f"/routers/{where}/remove_router_interface"
                cloud.ask("PUT", path, {"subnet_id": what})

    for _ in range(_ROUNDS):
        one_wins(add(router, subnet), 200, (400, "BadRequest"))
        remove()
        found = tally(answers(add(router, subnet), add(router, overlapping)))
        expect(found, {(200, ""): 1, (400, "BadRequest"): 1})
        remove()
        found = tally(answers(add(router, subnet), add(second, subnet)))
        expect(found, {(200, ""): 1, (409, "IpAddressInUse"): 1})
        remove()
    cloud.gone(*(f"/routers/{each}" for each in (router, second)))
    for network in (one, other):
        _empty(cloud, network)


def group_rules(cloud: Cloud) -> None:
    group = cloud.made("/security-groups", {"security_group": {"name": f"race-{_TAG}"}})["id"]

    def rule(port: int) -> Call:
        body = {
            "security_group_id": group,
            "direction": "ingress",
            "protocol": "tcp",
            "port_range_min": port,
            "port_range_max": port,
        }
        return lambda: cloud.ask("POST", "/security-group-rules", {"security_group_rule": body})

    for port in range(1000, 1000 + _ROUNDS):
        one_wins(rule(port), 201, (409, "SecurityGroupRuleExists"))
    found = tally(answers(*(rule(port) for port in range(2000, 2000 + _CALLERS))))
    expect(found, {(201, ""): _CALLERS})
    shown = cloud.ask("GET", f"/security-groups/{group}").json()["security_group"]
    expect(len(shown["security_group_rules"]), 2 + _ROUNDS + _CALLERS)
    cloud.gone(f"/security-groups/{group}")


def floating_ips(cloud: Cloud) -> None:
    """One fixed address has one floating address of a network."""
    network, subnet = cloud.network("10.64.0.0/24")
    outside = cloud.made("/networks", {"network": {"router:external": True}})["id"]
    cidr = {"network_id": outside, "ip_version": 4, "cidr": "203.0.113.0/24"}
    cloud.made("/subnets", {"subnet": cidr})
    gateway = {"external_gateway_info": {"network_id": outside}}
    router = cloud.made("/routers", {"router": gateway})["id"]
    cloud.ask("PUT", f"/routers/{router}/add_router_interface", {"subnet_id": subnet})
    port = cloud.port(network)["id"]
    body = {"floatingip": {"floating_network_id": outside, "port_id": port}}
    one_wins(
        lambda: cloud.ask("POST", "/floatingips", body),
        201,
        (409, "FloatingIPPortAlreadyAssociated"),
    )
    for each in cloud.ask("GET", f"/floatingips?port_id={port}").json()["floatingips"]:
        cloud.gone(f"/floatingips/{each['id']}")
    cloud.ask("PUT", f"/routers/{router}/remove_router_interface", {"subnet_id": subnet})
    cloud.gone(f"/routers/{router}")
    _empty(cloud, network)
    _empty(cloud, outside)


def quotas(cloud: Cloud) -> None:
    """What is over a limit is refused, whoever comes first."""
    project = uuid.uuid4().hex
    limits = {"network": 3, "security_group": 4, "subnetpool": 2}
    for name, limit in limits.items():
        answer = cloud.ask("PUT", f"/quotas/{project}", {"quota": {name: limit}})
        expect(answer.status_code, 200)
    bodies = {
        "network": ("/networks", {}),
        "security_group": ("/security-groups", {"name": f"race-{_TAG}"}),
        "subnetpool": ("/subnetpools", {"name": f"race-{_TAG}", "prefixes": ["10.0.0.0/8"]}),
    }
    # The group named default counts.
    room = limits | {"security_group": 3}
    for name, (path, body) in bodies.items():
        sent = {name: body | {"tenant_id": project}}
        found = tally(answers(*[lambda: cloud.ask("POST", path, sent)] * _CALLERS))
        expect(found, {(201, ""): room[name], (409, "OverQuota"): _CALLERS - room[name]})
    for name, (path, _) in bodies.items():
        listed = cloud.ask("GET", f"{path}?tenant_id={project}").json()
        for each in next(iter(listed.values())):
            cloud.gone(f"{path}/{each['id']}")
    cloud.gone(f"/quotas/{project}")


RACES = (
    one_address,
    one_mac,
    last_addresses,
    network_in_use,
    subnet_in_use,
    group_in_use,
    router_interfaces,
    group_rules,
    floating_ips,
    quotas,
)


def main() -> int:
    cloud = Cloud()
    for race in RACES:
        try:
            race(cloud)
        except AssertionError as e:
            print(f"{race.__name__:18} {e}")
            return 1
        print(f"{race.__name__:18} ok", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
