package weft.lab.openstack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import weft.lab.Await;
import weft.lab.Command;

/** Nova: its API, what lies behind that, and the service of one compute host, this machine. */
final class Nova {
  /** By which requests for metadata are signed. */
  static final String METADATA_SECRET = "of the lab";

  private static final Duration HOST_LIMIT = Duration.ofMinutes(3);

  private final Site site;
  private final Database database;
  private final Keystone keystone;
  private final Messaging messaging;

  Nova(Site site, Database database, Keystone keystone, Messaging messaging) {
    this.site = site;
    this.database = database;
    this.keystone = keystone;
    this.messaging = messaging;
  }

  private Path config() {
    return site.directory("nova").resolve("nova.conf");
  }

  /**
   * Makes its databases.
   *
   * @param host the name of the compute host
   * @param address where vRouters find the metadata API
   */
  void prepare(String host, String address) {
    List.of("nova_api", "nova_cell0", "nova").forEach(database::create);
    site.directory("nova/instances");
    site.write("nova/nova.conf", general(host, address) + sections());
    manage("api_db", "sync");
    manage("cell_v2", "map_cell0", "--database_connection", database.connection("nova_cell0"));
    manage("db", "sync");
    manage("cell_v2", "create_cell", "--name", "cell1");
  }

  private String general(String host, String address) {
    return """
    [DEFAULT]
    host = %1$s
    my_ip = 127.0.0.1
    use_stderr = true
    enabled_apis = osapi_compute,metadata
    osapi_compute_listen = 127.0.0.1
    osapi_compute_listen_port = %2$d
    osapi_compute_workers = 1
    metadata_listen = %3$s
    metadata_listen_port = %4$d
    metadata_workers = 1
    transport_url = %5$s
    compute_driver = libvirt.LibvirtDriver
    state_path = %6$s/nova
    instances_path = %6$s/nova/instances
    reserved_host_memory_mb = 0
    reserved_host_disk_mb = 0
    vif_plugging_is_fatal = true
    vif_plugging_timeout = 60
    force_config_drive = false
    [wsgi]
    api_paste_config = /etc/nova/api-paste.ini
    """
        .formatted(
            host,
            site.port("nova"),
            address,
            site.port("metadata"),
            messaging.transport(),
            site.directory());
  }

  private String sections() {
    return """
    [api_database]
    connection = %1$s
    [database]
    connection = %2$s
    [conductor]
    workers = 1
    [scheduler]
    workers = 1
    discover_hosts_in_cells_interval = 3
    [oslo_concurrency]
    lock_path = %3$s/nova/lock
    [libvirt]
    virt_type = qemu
    cpu_mode = none
    images_type = raw
    [vnc]
    enabled = false
    [spice]
    enabled = false
    [glance]
    api_servers = %4$s
    [neutron]
    endpoint_override = %5$s
    service_metadata_proxy = true
    metadata_proxy_shared_secret = %6$s
    %7$s
    [placement]
    %8$s
    %9$s
    """
        .formatted(
            database.connection("nova_api"),
            database.connection("nova"),
            site.directory(),
            site.url("glance"),
            site.url("neutron"),
            METADATA_SECRET,
            keystone.credentials("nova").indent(0),
            keystone.credentials("placement").indent(0),
            keystone.authtoken("nova"));
  }

  private void manage(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("/usr/bin/nova-manage", "--config-file", config().toString()));
    command.addAll(List.of(arguments));
    Command.run(command, Duration.ofMinutes(5)).orThrow();
  }

  /** Starts API, conductor and scheduler; they may not answer yet. */
  Daemon start() {
    for (String each : List.of("nova-conductor", "nova-scheduler")) {
      daemon(each, List.of());
    }
    return daemon("nova-api", List.of());
  }

  /** Starts the service of this machine, whose virtual machines are libvirt's. */
  void startCompute(Libvirt libvirt) {
    daemon("nova-compute", libvirt.prefix());
  }

  private Daemon daemon(String name, List<String> prefix) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("/usr/bin/" + name, "--config-file", config().toString()));
    return new Daemon(site, name)
        .start(
            Map.of(
                "PYTHONPATH",
                site.python(),
                "PYTHONDONTWRITEBYTECODE",
                "1",
                "WEFT_PORT_API",
                site.url("ports")),
            command);
  }

  /** Waits until machines can be placed on the compute host. */
  void awaitHost() {
    Daemon compute = new Daemon(site, "nova-compute");
    Await.until(
        "Nova knows its compute host",
        HOST_LIMIT,
        () -> {
          compute.checkAlive();
          return !database.query("select host from nova_api.host_mappings").isBlank();
        });
  }
}
