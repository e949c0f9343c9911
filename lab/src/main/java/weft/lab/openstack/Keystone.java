package weft.lab.openstack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import weft.lab.Command;

/** Keystone, under uwsgi. */
final class Keystone {
  static final String PASSWORD = "secret";

  private final Site site;
  private final Database database;

  Keystone(Site site, Database database) {
    this.site = site;
    this.database = database;
  }

  void start() {
    database.create("keystone");
    site.write(
        "keystone/keystone.conf",
        """
        [DEFAULT]
        use_stderr = true
        [database]
        connection = %1$s
        [token]
        provider = fernet
        [fernet_tokens]
        key_repository = %2$s/keystone/fernet
        [credential]
        key_repository = %2$s/keystone/credential
        [identity]
        password_hash_rounds = 4
        [cache]
        backend = dogpile.cache.memory
        [catalog]
        caching = false
        """
            .formatted(database.connection("keystone"), site.directory()));
    manage("db_sync");
    manage("fernet_setup", "--keystone-user", "root", "--keystone-group", "root");
    manage("credential_setup", "--keystone-user", "root", "--keystone-group", "root");
    manage(
        "bootstrap",
        "--bootstrap-password",
        PASSWORD,
        "--bootstrap-public-url",
        url(),
        "--bootstrap-internal-url",
        url(),
        "--bootstrap-region-id",
        "RegionOne");
    Uwsgi.start(
        site,
        "keystone",
        "/usr/bin/keystone-wsgi-public",
        Map.of("OS_KEYSTONE_CONFIG_DIR", site.directory("keystone").toString()));
  }

  String url() {
    return site.url("keystone") + "/v3";
  }

  private void manage(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of("/usr/bin/keystone-manage", "--config-dir", site.directory("keystone") + ""));
    command.addAll(List.of(arguments));
    Command.run(command, Duration.ofMinutes(3)).orThrow();
  }

  /** Makes users, roles, services and endpoints, and the projects of those who try it. */
  void seed(List<String> services) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "/usr/bin/python3",
                site.packages().resolve("lab/seed.py").toString(),
                url(),
                PASSWORD));
    command.addAll(services);
    Command.run(command, Duration.ofMinutes(3)).orThrow();
  }

  /** How a service of OpenStack checks tokens and makes its own: lines of a section. */
  String credentials(String user) {
    return """
    auth_type = password
    auth_url = %s
    username = %s
    password = %s
    user_domain_name = Default
    project_domain_name = Default
    project_name = service
    region_name = RegionOne
    """
        .formatted(url(), user, PASSWORD);
  }

  /** The section `[keystone_authtoken]`. */
  String authtoken(String user) {
    return """
    [keystone_authtoken]
    www_authenticate_uri = %1$s
    %2$sservice_token_roles_required = true
    """
        .formatted(url(), credentials(user));
  }
}
