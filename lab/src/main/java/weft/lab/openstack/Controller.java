package weft.lab.openstack;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Weft's controller, as a daemon of the site. */
final class Controller {
  private final Site site;

  Controller(Site site) {
    this.site = site;
  }

  /**
   * @param address by which vRouters reach it
   */
  void start(String address) {
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
                        site.write("weft/keystone.password", Keystone.PASSWORD)))
            .toString();
    new Daemon(site, "weft")
        .start(
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "weft.cli.Main",
                "controller",
                "--config",
                config))
        .await(site.port("api"));
  }
}
