package weft.lab.openstack;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import weft.lab.Command;

/** Glance, which keeps images in files. */
final class Glance {
  private final Site site;
  private final Database database;
  private final Keystone keystone;

  Glance(Site site, Database database, Keystone keystone) {
    this.site = site;
    this.database = database;
    this.keystone = keystone;
  }

  private String config() {
    return site.directory("glance").resolve("glance-api.conf").toString();
  }

  /** Makes its database. */
  void prepare() {
    database.create("glance");
    for (String each : List.of("images", "tasks", "staging")) {
      site.directory("glance/" + each);
    }
    site.write(
        "glance/glance-api.conf",
        """
        [DEFAULT]
        bind_host = 127.0.0.1
        bind_port = %1$d
        workers = 1
        use_stderr = true
        enabled_backends = f:file
        transport_url = fake:/
        [database]
        connection = %3$s
        [glance_store]
        default_backend = f
        [f]
        filesystem_store_datadir = %2$s/glance/images
        [os_glance_tasks_store]
        filesystem_store_datadir = %2$s/glance/tasks
        [os_glance_staging_store]
        filesystem_store_datadir = %2$s/glance/staging
        [oslo_concurrency]
        lock_path = %2$s/glance/lock
        [paste_deploy]
        flavor = keystone
        config_file = /etc/glance/glance-api-paste.ini
        %4$s
        """
            .formatted(
                site.port("glance"),
                site.directory(),
                database.connection("glance"),
                keystone.authtoken("glance")));
    Command.run(
            List.of("/usr/bin/glance-manage", "--config-file", config(), "db", "sync"),
            Duration.ofMinutes(3))
        .orThrow();
  }

  /** Starts it; it may not answer yet. */
  Daemon start() {
    return new Daemon(site, "glance")
        .start(Map.of(), List.of("/usr/bin/glance-api", "--config-file", config()));
  }
}
