package weft.lab.openstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import weft.lab.Command;

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

  /** With ML2: what Neutron is without Weft. */
  void startStock(Database database) {
    database.create("neutron");
    String config =
        site.write(
                "neutron/neutron.conf",
                """
                [DEFAULT]
                bind_host = 127.0.0.1
                bind_port = %1$d
                api_workers = 2
                rpc_workers = 1
                core_plugin = ml2
                service_plugins = router,metering
                auth_strategy = keystone
                transport_url = fake:/
                notify_nova_on_port_status_changes = false
                notify_nova_on_port_data_changes = false
                state_path = %2$s/neutron
                api_paste_config = /etc/neutron/api-paste.ini
                [oslo_concurrency]
                lock_path = %2$s/neutron/lock
                [database]
                connection = %3$s
                [quotas]
                quota_network = 1000
                quota_subnet = 1000
                quota_port = -1
                quota_router = 1000
                quota_security_group = 1000
                quota_security_group_rule = 10000
                quota_floatingip = 1000
                [oslo_policy]
                policy_dirs = /etc/neutron/policy.d
                [ml2]
                type_drivers = flat,vlan,vxlan
                tenant_network_types = vxlan
                mechanism_drivers =
                extension_drivers = port_security
                [ml2_type_vxlan]
                vni_ranges = 1000:100000
                [ml2_type_vlan]
                network_vlan_ranges = physical:100:3999
                %4$s
                """
                    .formatted(
                        site.port("neutron"),
                        site.directory(),
                        database.connection("neutron"),
                        keystone.authtoken("neutron")))
            .toString();
    Command.run(
            List.of("/usr/bin/neutron-db-manage", "--config-file", config, "upgrade", "heads"),
            Duration.ofMinutes(5))
        .orThrow();
    new Daemon(site, "neutron")
        .start(Map.of(), List.of("/usr/bin/neutron-server", "--config-file", config))
        .await(site.port("neutron"));
  }

  /** Neutron's own, with the filter for long lists. */
  private Path pipeline() {
    try {
      String stock = Files.readString(Path.of("/etc/neutron/api-paste.ini"));
      return site.write(
          "neutron/api-paste.ini",
          stock.replace("extensions neutronapiapp_v2_0", "extensions weft neutronapiapp_v2_0")
              + "\n[filter:weft]\npaste.filter_factory = networking_weft.lists:factory\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param nova whether it tells Nova of what changes
   */
  void start(boolean nova) {
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
                notify_nova_on_port_data_changes = %7$s
                state_path = %2$s/neutron
                api_paste_config = %6$s
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
                [nova]
                %4$s
                %5$s
                """
                    .formatted(
                        site.port("neutron"),
                        site.directory(),
                        site.url("api"),
                        keystone.credentials("neutron").indent(0),
                        keystone.authtoken("neutron"),
                        pipeline(),
                        nova))
            .toString();
    new Daemon(site, "neutron")
        .start(
            Map.of("PYTHONPATH", site.packages().toString(), "PYTHONDONTWRITEBYTECODE", "1"),
            List.of("/usr/bin/neutron-server", "--config-file", config))
        .await(site.port("neutron"));
  }
}
