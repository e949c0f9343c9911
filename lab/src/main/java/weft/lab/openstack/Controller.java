package weft.lab.openstack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Weft's controller, as a daemon of the site. */
final class Controller {
  static final String NAME = "weft";

  private final Site site;

  Controller(Site site) {
    this.site = site;
  }

  /** The words that run a program of Weft's in a JVM with further options. */
  static List<String> java(String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "weft.cli.Main"));
    return command;
  }

  /**
   * @param address by which vRouters reach it
   * @param nova whether it tells Nova of ports that are plugged
   */
  void start(String address, boolean nova) {
    String config =
        site.write(
                "weft/controller.properties",
                """
                name=lab
                data.dir=%1$s
                control.address=%2$s
                control.xmpp.port=%3$d
                control.bgp.port=%4$d
                control.introspection.port=%5$d
                status.port=%6$d
                api.port=%7$d
                keystone.url=%8$s
                keystone.user=weft
                keystone.project=service
                keystone.password.file=%9$s
                %10$s
                """
                    .formatted(
                        site.directory("weft/data"),
                        address,
                        site.port("xmpp"),
                        site.port("bgp"),
                        site.port("control"),
                        site.port("status"),
                        site.port("api"),
                        site.url("keystone"),
                        site.write("weft/keystone.password", Keystone.PASSWORD),
                        nova ? "nova.url=" + site.url("nova") + "/v2.1" : ""))
            .toString();
    List<String> command = java("-Xmx512m");
    command.addAll(List.of("controller", "--config", config));
    new Daemon(site, NAME).start(Map.of(), command).await(site.port("api"));
  }
}
