package weft.lab.openstack;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import weft.lab.Command;

/** A MariaDB of the site's own. Neutron has no part in it. */
final class Database {
  private final Site site;

  Database(Site site) {
    this.site = site;
  }

  /** Makes and starts it. */
  void start() {
    String config =
        site.write(
                "mysql/my.cnf",
                """
                [mysqld]
                datadir = %1$s/mysql/data
                socket = %1$s/run/mysql.sock
                pid-file = %1$s/mysql/pid
                bind-address = 127.0.0.1
                port = %2$d
                user = root
                skip-name-resolve
                character-set-server = utf8mb3
                innodb_flush_log_at_trx_commit = 0
                innodb_doublewrite = 0
                innodb_buffer_pool_size = 64M
                sync_binlog = 0
                performance_schema = OFF
                max_connections = 400
                """
                    .formatted(site.directory(), site.port("mysql")))
            .toString();
    site.directory("mysql/data");
    Command.run(
            List.of(
                "mariadb-install-db",
                "--defaults-file=" + config,
                "--user=root",
                "--auth-root-authentication-method=normal",
                "--skip-test-db"),
            Duration.ofMinutes(2))
        .orThrow();
    new Daemon(site, "mysql")
        .start(Map.of(), List.of("mariadbd", "--defaults-file=" + config))
        .await(site.port("mysql"));
  }

  /** Makes a database and its user. */
  void create(String name) {
    query(
        "create database %1$s; create user %1$s@'127.0.0.1' identified by 'weft'; grant all on %1$s.* to %1$s@'127.0.0.1'"
            .formatted(name));
  }

  /** Returns the rows, a line each. */
  String query(String sql) {
    return Command.run(
            "mariadb",
            "--socket=" + site.directory("run").resolve("mysql.sock"),
            "-uroot",
            "-N",
            "-e",
            sql)
        .orThrow();
  }

  /** How a service reaches its database. */
  String connection(String name) {
    return "mysql+pymysql://%1$s:weft@127.0.0.1:%2$d/%1$s".formatted(name, site.port("mysql"));
  }
}
