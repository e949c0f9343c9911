package weft.agent.health;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weft.agent.core.HealthCheck;
import weft.agent.core.HealthCheck.Kind;
import weft.agent.core.HealthCheck.Monitor;
import weft.agent.core.Wanted;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

/**
 * Where a check of a port goes.
 *
 * @param self the address that asks
 * @param target who answers: the guest, or who is behind it
 * @param port of the target, 0 if the monitor has none
 */
record Aim(
    HealthCheck check,
    int vif,
    MacAddress mac,
    IpAddress self,
    IpAddress target,
    int port,
    String path) {
  private static final IpAddress LINK_LOCAL = Ipv4Address.parse("169.254.169.254");
  private static final int HTTP = 80;

  /** An aim, or why there is none. */
  sealed interface Taken {
    record At(Aim aim) implements Taken {}

    record Not(String reason) implements Taken {}
  }

  static Taken take(HealthCheck check, int vif, PortConfig config) {
    if (check.kind() == Kind.SEGMENT || check.kind() == Kind.ADDRESSES) {
      return new Taken.Not("checks of type " + check.kind().word() + " are not made");
    }
    String text = check.target().replaceFirst("^[a-zA-Z]+://", "");
    int slash = text.indexOf('/');
    String authority = slash < 0 ? text : text.substring(0, slash);
    String path = slash < 0 ? "/" : text.substring(slash);
    // One of IPv6 with a port stands in brackets.
    int bracket = authority.startsWith("[") ? authority.indexOf(']') : -1;
    int colon = authority.lastIndexOf(':');
    boolean ported = bracket > 0 ? colon > bracket : colon >= 0 && authority.indexOf(':') == colon;
    String named = ported ? authority.substring(0, colon) : authority;
    String host = bracket > 0 ? authority.substring(1, bracket) : named;
    int port = ported ? number(authority.substring(colon + 1)) : 0;
    IpAddress target = host(host, config);
    if (target == null) {
      return new Taken.Not("'" + host + "' is no address, and no address of the port is known");
    }
    if (check.monitor() == Monitor.HTTP && !ported) {
      port = HTTP;
    }
    boolean socket = check.monitor() == Monitor.TCP || check.monitor() == Monitor.HTTP;
    if (socket && (port < 1 || port > 65535)) {
      return new Taken.Not("'" + check.target() + "' names no port");
    }
    IpAddress self = self(check, config, target, socket);
    return self == null
        ? new Taken.Not("the subnet has no gateway and no service address to ask from")
        : new Taken.At(new Aim(check, vif, config.mac(), self, target, port, path));
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static @Nullable IpAddress host(String host, PortConfig config) {
    if (host.isEmpty() || host.toLowerCase(Locale.ROOT).equals("local-ip")) {
      return config.addresses().isEmpty() ? null : config.addresses().getFirst();
    }
    try {
      return IpAddress.parse(host);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * Sockets ask the guest itself under a link-local address, as guests know it of other services;
   * who is behind the guest would not know the way back to that.
   */
  private static @Nullable IpAddress self(
      HealthCheck check, PortConfig config, IpAddress target, boolean socket) {
    if (!target.isV4()) {
      boolean itself = config.addresses().contains(target);
      boolean linkLocal =
          check.monitor() == Monitor.PING
              || (socket && (itself || check.kind() == Kind.LINK_LOCAL));
      return linkLocal ? Wanted.GATEWAY_ON_LINK : gateway(config, false);
    }
    return socket && (check.kind() == Kind.LINK_LOCAL || !config.policy())
        ? LINK_LOCAL
        : gateway(config, true);
  }

  private static @Nullable IpAddress gateway(PortConfig config, boolean v4) {
    for (IpAddress own : config.addresses()) {
      Subnet subnet = own.isV4() == v4 ? config.subnetOf(own) : null;
      if (subnet != null) {
        return subnet.gateway() == null ? subnet.service() : subnet.gateway();
      }
    }
    return null;
  }
}
