"""How fast the cloud of the environment is: measure.py PORTS prints figures as JSON.

Makes and deletes some ports one by one, then makes others in bulk until there are that many in
all, and lists them.
"""

import json
import statistics
import sys
import time
from typing import Any, Callable

import openstack

_BULK = 250
_SINGLE = 40
_NETWORK = "measured"


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    answer = call()
    return time.perf_counter() - begin, answer


def checked(answer: Any) -> Any:
    if answer.status_code >= 300:
        raise SystemExit(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}")
    return answer


def median(calls: list[float]) -> float:
    return round(1000 * statistics.median(calls), 1)


def main(count: int) -> None:
    cloud = openstack.connect()
    api = cloud.network
    project = cloud.current_project_id
    for each in ("port", "network", "subnet"):
        checked(api.put(f"/quotas/{project}", json={"quota": {each: -1}}))
    network = api.create_network(name=f"{_NETWORK}-{count}")
    api.create_subnet(network_id=network.id, ip_version=4, cidr="10.64.0.0/10")
    body = {"network_id": network.id, "name": "measured"}

    def create() -> Any:
        return checked(api.post("/ports", json={"port": body})).json()["port"]["id"]

    def bulk(number: int) -> Any:
        return checked(api.post("/ports", json={"ports": [body] * number}))

    def listed() -> Any:
        return checked(api.get("/ports"))

    taken, ids = zip(*(seconds(create) for _ in range(_SINGLE)))
    figures = {"port_create_ms": median(list(taken))}
    renamed = {"port": {"name": "again"}}
    puts = [seconds(lambda: checked(api.put(f"/ports/{id}", json=renamed)))[0] for id in ids]
    figures["port_update_ms"] = median(puts)
    shows = [seconds(lambda: checked(api.get(f"/ports/{id}")))[0] for id in ids]
    figures["port_show_ms"] = median(shows)
    deletes = [seconds(lambda: checked(api.delete(f"/ports/{id}")))[0] for id in ids]
    figures["port_delete_ms"] = median(deletes)
    missing = count - len(listed().json()["ports"])
    filled, _ = seconds(lambda: [bulk(min(_BULK, missing - i)) for i in range(0, missing, _BULK)])
    figures["ports_bulk_per_s"] = round(missing / filled, 1)
    lists = []
    for _ in range(5):
        taken_s, answer = seconds(listed)
        lists.append(taken_s)
    found = len(answer.json()["ports"])
    if found != count:
        raise SystemExit(f"{found} ports instead of {count}")
    figures[f"list_of_{count}_ports_s"] = round(statistics.median(lists), 3)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]))
