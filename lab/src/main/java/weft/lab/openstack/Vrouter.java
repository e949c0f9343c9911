package weft.lab.openstack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import weft.lab.Command;

/** The vRouter of a compute host of the site. */
final class Vrouter {
  private static final String PREFIX = "vrouter-";

  private final Site site;
  private final String host;

  Vrouter(Site site, String host) {
    this.site = site;
    this.host = host;
  }

  /**
   * Where a vRouter is and listens.
   *
   * @param prefix words that make a program run on that host
   * @param controller the underlay address of controller and metadata service
   */
  record Place(
      List<String> prefix,
      String device,
      String address,
      String controller,
      int ports,
      int introspection) {}

  /** Starts it; it may not answer yet. */
  Daemon start(Place place) {
    Path bpf = site.directory(PREFIX + host + "/bpf");
    Command.run("mount", "-t", "bpf", "bpf", bpf.toString()).orThrow();
    String config =
        site.write(
                PREFIX + host + "/vrouter.properties",
                """
                name=%s
                underlay.device=%s
                underlay.address=%s
                control.servers=%s:%d
                introspection.address=%s
                introspection.port=%d
                port.api.port=%d
                bpf.dir=%s
                data.dir=%s
                metadata.host=%s
                metadata.port=%d
                metadata.secret=%s
                """
                    .formatted(
                        host,
                        place.device(),
                        place.address(),
                        place.controller(),
                        site.port("xmpp"),
                        place.address(),
                        place.introspection(),
                        place.ports(),
                        bpf,
                        site.directory(PREFIX + host + "/data"),
                        place.controller(),
                        site.port("metadata"),
                        Nova.METADATA_SECRET))
            .toString();
    List<String> command = new ArrayList<>(place.prefix());
    command.addAll(Controller.java("-Xms16m", "-Xmn6m", "-Xmx96m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("vrouter", "--config", config));
    return new Daemon(site, PREFIX + host).start(Map.of(), command);
  }

  /** Where ports of this host have their files. */
  Path portFiles() {
    return site.directory(PREFIX + host + "/data").resolve("ports");
  }

  /** Takes its tables out of the kernel, once it has ended. */
  void forget() {
    Command.run("umount", site.directory(PREFIX + host + "/bpf").toString());
  }
}
