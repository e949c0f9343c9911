package weft.lab.openstack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import weft.lab.Command;

/** A RabbitMQ of the site's own, through which the parts of Nova call each other. */
final class Messaging {
  private static final String USER = "rabbitmq";

  private final Site site;

  Messaging(Site site) {
    this.site = site;
  }

  /** Starts it; it may not answer yet. */
  Daemon start() {
    Path directory = site.directory("rabbit");
    site.directory("rabbit/data");
    site.write("rabbit/rabbitmq.conf", "loopback_users.guest = true\n");
    site.write("rabbit/enabled_plugins", "[].\n");
    Command.run("chown", "-R", USER + ":" + USER, directory.toString()).orThrow();
    Map<String, String> environment =
        Map.ofEntries(
            Map.entry("HOME", directory.toString()),
            Map.entry("ERL_EPMD_PORT", "" + site.port("rabbit-names")),
            Map.entry("ERL_EPMD_ADDRESS", Site.ADDRESS),
            Map.entry("RABBITMQ_NODENAME", "weft@localhost"),
            Map.entry("RABBITMQ_NODE_IP_ADDRESS", Site.ADDRESS),
            Map.entry("RABBITMQ_NODE_PORT", "" + site.port("rabbit")),
            Map.entry("RABBITMQ_DIST_PORT", "" + site.port("rabbit-distribution")),
            Map.entry("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+sbwt none +S 2:2"),
            Map.entry("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
            Map.entry("RABBITMQ_CONFIG_FILE", directory.resolve("rabbitmq.conf").toString()),
            Map.entry("RABBITMQ_ADVANCED_CONFIG_FILE", directory.resolve("none").toString()),
            Map.entry(
                "RABBITMQ_ENABLED_PLUGINS_FILE", directory.resolve("enabled_plugins").toString()),
            Map.entry("RABBITMQ_MNESIA_BASE", directory.resolve("data").toString()),
            Map.entry("RABBITMQ_LOG_BASE", directory.toString()),
            Map.entry("RABBITMQ_LOGS", "-"));
    // Erlang starts its name server by itself where there is none, and nobody would end that.
    new Daemon(site, "rabbit-names")
        .start(
            environment,
            asUser("epmd", "-address", Site.ADDRESS, "-port", "" + site.port("rabbit-names")))
        .await(site.port("rabbit-names"));
    return new Daemon(site, "rabbit")
        .start(environment, asUser("/usr/lib/rabbitmq/bin/rabbitmq-server"));
  }

  private static List<String> asUser(String... command) {
    List<String> all =
        new ArrayList<>(
            List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--init-groups", "--"));
    all.addAll(List.of(command));
    return all;
  }

  /** How a service reaches it. */
  String transport() {
    return "rabbit://guest:guest@" + Site.ADDRESS + ":" + site.port("rabbit") + "/";
  }
}
