"""Makes a directory from which `tempest run` judges the cloud of the environment.

tempest_workspace.py DIRECTORY: the external network, the configuration, the roles.
"""

import os
import pathlib
import sys

import openstack
import tempest
from openstack import exceptions

_STESTR = """[DEFAULT]
test_path={tempest}/test_discover
top_dir={top}
group_regex=([^\\.]*\\.)*
"""

# What Neutron's own configuration has: its tests count on limits.
_LIMITS = {
    "network": 100,
    "subnet": 100,
    "port": 500,
    "router": 10,
    "floatingip": 50,
    "security_group": 10,
    "security_group_rule": 100,
    "rbac_policy": 10,
}

_CONFIG = """[DEFAULT]
log_file = {directory}/tempest.log
[oslo_concurrency]
lock_path = {directory}/locks
[auth]
use_dynamic_credentials = true
create_isolated_networks = false
admin_username = {admin}
admin_password = {password}
admin_project_name = {project}
admin_domain_name = Default
[identity]
uri_v3 = {keystone}
auth_version = v3
region = {region}
[identity-feature-enabled]
api_v3_only = true
[network]
public_network_id = {external}
floating_network_name = public
project_network_cidr = 10.100.0.0/16
project_network_mask_bits = 28
[network-feature-enabled]
api_extensions = {extensions}
floating_ips = true
ipv6 = true
ipv6_subnet_attributes = true
port_security = true
[neutron_plugin_options]
agent_availability_zone = nova
available_type_drivers = vlan,vxlan
create_shared_resources = true
max_mtu = 9216
provider_vlans = physical
[service_available]
neutron = true
nova = {nova}
glance = {nova}
cinder = false
swift = false
[validation]
run_validation = false
"""


def main(where: str) -> None:
    directory = pathlib.Path(where).absolute()
    directory.mkdir(parents=True, exist_ok=True)
    cloud = openstack.connect()
    external = cloud.network.find_network("public")
    if external is None:
        external = cloud.network.create_network(name="public", is_router_external=True)
        cloud.network.create_subnet(
            network_id=external.id, ip_version=4, cidr="198.18.0.0/16", is_dhcp_enabled=False
        )
    exceptions.raise_from_response(cloud.network.put("/quotas/default", json={"quota": _LIMITS}))
    for role in ("member", "reader"):
        if cloud.identity.find_role(role) is None:
            cloud.identity.create_role(name=role)
    services = {service.type for service in cloud.identity.services()}
    given = os.environ
    config = _CONFIG.format(
        directory=directory,
        admin=given["OS_USERNAME"],
        password=given["OS_PASSWORD"],
        project=given["OS_PROJECT_NAME"],
        keystone=given["OS_AUTH_URL"],
        region=given["OS_REGION_NAME"],
        external=external.id,
        extensions=",".join(sorted(each.alias for each in cloud.network.extensions())),
        nova=str("compute" in services).lower(),
    )
    (directory / "tempest.conf").write_text(config)
    package = pathlib.Path(tempest.__file__).parent
    (directory / ".stestr.conf").write_text(
        _STESTR.format(tempest=package, top=package.parent)
    )


if __name__ == "__main__":
    main(sys.argv[1])
