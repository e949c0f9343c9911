package weft.lab.openstack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import weft.lab.Command;
import weft.lab.Guest;
import weft.lab.Namespace;

/**
 * A namespace that stands in for a virtual machine on the second compute host: a port of Neutron's,
 * bound there and plugged by the os-vif plugin.
 */
final class StandIn {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Site site;
  private final Cloud admin;
  private final Namespace host;
  private final JsonNode port;
  private final UUID machine;
  private final Guest guest;

  private StandIn(
      Site site, Cloud admin, Namespace host, JsonNode port, UUID machine, Guest guest) {
    this.site = site;
    this.admin = admin;
    this.host = host;
    this.port = port;
    this.machine = machine;
    this.guest = guest;
  }

  /** Makes and plugs it; it has its address by DHCP. */
  static StandIn boot(
      Site site, Cloud admin, Namespace host, String name, String network, String group) {
    UUID machine = UUID.randomUUID();
    JsonNode port =
        admin
            .post(
                "neutron",
                "/v2.0/ports",
                """
                {'port':{'name':'%s','network_id':'%s','security_groups':['%s'],'device_id':'%s',
                  'device_owner':'compute:nova','binding:host_id':'%s'}}
                """
                    .formatted(name, network, group, machine, Fabric.SECOND))
            .path("port");
    Guest guest =
        Guest.create(
            Fabric.LAB,
            name,
            host,
            UUID.fromString(port.path("id").asString("")),
            port.path("mac_address").asString(""),
            site.directory("stand-in"));
    StandIn made = new StandIn(site, admin, host, port, machine, guest);
    made.tell("plug");
    guest.dhcp(LIMIT);
    return made;
  }

  private void tell(String action) {
    List<String> command = new ArrayList<>(host.prefix());
    command.addAll(
        List.of(
            "env",
            "PYTHONPATH=" + site.python(),
            "PYTHONDONTWRITEBYTECODE=1",
            "/usr/bin/python3",
            site.packages().resolve("lab/plug.py").toString(),
            action,
            id(),
            port.path("mac_address").asString(""),
            guest.tap(),
            port.path("network_id").asString(""),
            machine.toString(),
            guest.name()));
    Command.run(command).orThrow();
  }

  String id() {
    return port.path("id").asString("");
  }

  String address() {
    return port.path("fixed_ips").path(0).path("ip_address").asString("");
  }

  boolean pings(String address) {
    return guest.pings(address);
  }

  /** What Neutron says of its port. */
  String status() {
    return admin.get("neutron", "/v2.0/ports/" + id()).path("port").path("status").asString("");
  }

  void end() {
    tell("unplug");
    guest.close();
    admin.delete("neutron", "/v2.0/ports/" + id());
  }
}
