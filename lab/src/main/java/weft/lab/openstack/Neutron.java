package weft.lab.openstack;

import java.util.List;
import java.util.Map;

/**
 * Neutron's server with Weft's plugin. It has no database: the one that it is told of is not there.
 */
final class Neutron {
  private final Site site;
  private final Keystone keystone;

  Neutron(Site site, Keystone keystone) {
    this.site = site;
    this.keystone = keystone;
  }

  void start() {
    String config =
        site.write(
                "neutron/neutron.conf",
                """
                [DEFAULT]
                bind_host = 127.0.0.1
                bind_port = %1$d
                api_workers = 2
                core_plugin = networking_weft.plugin.WeftPlugin
                service_plugins =
                auth_strategy = keystone
                transport_url = fake:/
                notify_nova_on_port_status_changes = false
                notify_nova_on_port_data_changes = false
                state_path = %2$s/neutron
                api_paste_config = /etc/neutron/api-paste.ini
                pagination_max_limit = -1
                [oslo_concurrency]
                lock_path = %2$s/neutron/lock
                [database]
                connection = mysql+pymysql://nobody:x@127.0.0.1:1/none
                max_retries = 0
                [quotas]
                quota_driver = networking_weft.quota.WeftQuotaDriver
                track_quota_usage = false
                [oslo_policy]
                policy_dirs = /etc/neutron/policy.d
                [weft]
                api_servers = %3$s
                %4$s
                %5$s
                """
                    .formatted(
                        site.port("neutron"),
                        site.directory(),
                        site.url("api"),
                        keystone.credentials("neutron").indent(0),
                        keystone.authtoken("neutron")))
            .toString();
    new Daemon(site, "neutron")
        .start(
            Map.of("PYTHONPATH", site.packages().toString(), "PYTHONDONTWRITEBYTECODE", "1"),
            List.of("/usr/bin/neutron-server", "--config-file", config))
        .await(site.port("neutron"));
  }
}
