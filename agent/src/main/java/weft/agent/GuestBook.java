package weft.agent;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.agent.core.AgentCore;
import weft.agent.core.Ids;
import weft.agent.core.Port;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.relay.Guests;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.vrouter.Service;

/** Who is behind the addresses by which sockets of this host see guests. */
final class GuestBook implements Guests {
  private final LoopCalls calls;
  private final AgentCore core;

  GuestBook(LoopCalls calls, AgentCore core) {
    this.calls = calls;
    this.core = core;
  }

  @Override
  public Guests.@Nullable Guest of(InetAddress address) {
    if (!(address instanceof Inet4Address)) {
      return null;
    }
    int vif = Service.vifOf(Ipv4Address.of(address.getAddress()));
    try {
      return vif == 0 ? null : calls.call(() -> guest(vif));
    } catch (Exception e) {
      return null; // an agent that is busy or stopping knows nobody
    }
  }

  private Guests.@Nullable Guest guest(int vif) {
    UUID id = uuid(core.ids().name(Ids.Pool.VIF, vif));
    Port port = id == null ? null : core.port(id);
    PortConfig config = id == null ? null : core.config(id);
    if (port == null || config == null) {
      return null;
    }
    String address =
        config.addresses().stream()
            .filter(IpAddress::isV4)
            .map(IpAddress::toString)
            .findFirst()
            .orElse("");
    return new Guest(vif, port.instance(), config.project(), address);
  }

  static @Nullable UUID uuid(@Nullable String name) {
    try {
      return name == null ? null : UUID.fromString(name);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
