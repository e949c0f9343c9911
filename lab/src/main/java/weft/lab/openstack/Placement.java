package weft.lab.openstack;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import weft.lab.Command;

/** Placement, under uwsgi: what Nova's scheduler asks for a host with room. */
final class Placement {
  private final Site site;
  private final Database database;
  private final Keystone keystone;

  Placement(Site site, Database database, Keystone keystone) {
    this.site = site;
    this.database = database;
    this.keystone = keystone;
  }

  /** Makes its database. */
  void prepare() {
    database.create("placement");
    String config =
        site.write(
                "placement/placement.conf",
                """
                [DEFAULT]
                use_stderr = true
                [api]
                auth_strategy = keystone
                [placement_database]
                connection = %s
                %s
                """
                    .formatted(database.connection("placement"), keystone.authtoken("placement")))
            .toString();
    Command.run(
            List.of("/usr/bin/placement-manage", "--config-file", config, "db", "sync"),
            Duration.ofMinutes(3))
        .orThrow();
  }

  /** Starts it; it may not answer yet. */
  Daemon start() {
    return Uwsgi.launch(
        site,
        "placement",
        "/usr/bin/placement-api",
        Map.of("OS_PLACEMENT_CONFIG_DIR", site.directory("placement").toString()));
  }
}
