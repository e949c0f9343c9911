"""Makes ports in bulk until the controller has died and come back: all of a bulk is there or none.

Prints how many bulks were made and how many were answered with 503; another answer is an error.
"""

import sys
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

import openstack
from openstack import exceptions

_T = TypeVar("_T")
_PORTS = 50
_LIMIT = 240.0


def _available(call: Callable[[], _T]) -> _T:
    """What the call returns, once there is a controller to answer it."""
    deadline = time.monotonic() + _LIMIT
    while True:
        try:
            return call()
        except exceptions.HttpException as e:
            if e.status_code != 503 or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _network(api, tag: str) -> str:
    network = api.create_network(name=f"bulk-{tag}")
    api.create_subnet(network_id=network.id, ip_version=4, cidr="10.128.0.0/12")
    return network.id


def _unlimited(api, project: str) -> None:
    limits = {"quota": {"port": -1}}
    exceptions.raise_from_response(api.put(f"/quotas/{project}", json=limits))


def _names(api, network: str) -> list[str]:
    answer = api.get(f"/ports?network_id={network}&fields=name")
    exceptions.raise_from_response(answer)
    return [port["name"] for port in answer.json()["ports"]]


def main() -> None:
    cloud = openstack.connect()
    api = cloud.network
    _available(lambda: _unlimited(api, cloud.current_project_id))
    tag = uuid.uuid4().hex[:8]
    network = _available(lambda: _network(api, tag))
    answers: list[int] = []
    deadline = time.monotonic() + _LIMIT
    while not (503 in answers and answers[-1] == 201):
        if time.monotonic() > deadline:
            sys.exit(f"the controller did not go and come back: {sorted(set(answers))}")
        port = {"network_id": network, "name": f"{tag}-{len(answers)}"}
        answer = api.post("/ports", json={"ports": [port] * _PORTS})
        answers.append(answer.status_code)
        if answer.status_code not in (201, 503):
            sys.exit(f"{answer.status_code}: {answer.text}")
    made: dict[str, int] = {}
    for name in _available(lambda: _names(api, network)):
        made[name] = made.get(name, 0) + 1
    for number, status in enumerate(answers):
        count = made.pop(f"{tag}-{number}", 0)
        if count not in (0, _PORTS) or status == 201 and count != _PORTS:
            sys.exit(f"bulk {number}: answered {status}, {count} of {_PORTS} ports are there")
    if made:
        sys.exit(f"ports that nobody made: {made}")
    print(f"made {answers.count(201)}, unavailable {answers.count(503)}")


if __name__ == "__main__":
    main()
