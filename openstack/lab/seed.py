"""Users, roles, services and endpoints of the lab's OpenStack, in one process.

seed.py KEYSTONE PASSWORD SERVICE=TYPE=URL...
"""

import sys

from keystoneauth1 import session
from keystoneauth1.identity import v3
from keystoneclient.v3 import client


def main(url: str, password: str, services: list[str]) -> None:
    auth = v3.Password(
        auth_url=url,
        username="admin",
        password=password,
        project_name="admin",
        user_domain_name="Default",
        project_domain_name="Default",
    )
    keystone = client.Client(session=session.Session(auth=auth), interface="public")
    roles = {role.name: role for role in keystone.roles.list()}
    for name in ("service", "member", "reader"):
        if name not in roles:
            roles[name] = keystone.roles.create(name)
    project = keystone.projects.create("service", "default")

    def user(name: str, where: object, *given: str) -> None:
        made = keystone.users.create(name, password=password, default_project=where)
        for role in given:
            keystone.roles.grant(roles[role], user=made, project=where)

    user("weft", project, "admin", "service")
    for service in services:
        name, kind, endpoint = service.split("=")
        user(name, project, "admin", "service")
        made = keystone.services.create(name, kind)
        for interface in ("public", "internal"):
            keystone.endpoints.create(made, endpoint, interface, "RegionOne")
    demo = keystone.projects.create("demo", "default")
    user("demo", demo, "member")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
