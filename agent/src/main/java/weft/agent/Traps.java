package weft.agent;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.agent.core.AgentCore;
import weft.agent.core.Event;
import weft.agent.core.Ids;
import weft.agent.core.Names;
import weft.agent.core.Port;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.agent.health.HealthChecks;
import weft.agent.local.Arp;
import weft.agent.local.Claim;
import weft.agent.local.Dhcp6Server;
import weft.agent.local.DhcpLease;
import weft.agent.local.DhcpServer;
import weft.agent.local.Echo;
import weft.agent.local.RouterAdvertisement;
import weft.datapath.DatapathException;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.state.Loop;
import weft.vrouter.Trap;

/** Answers what the datapath hands up: DHCP, and echo for the vRouter's own addresses. */
final class Traps {
  /** Above this, packets are dropped: guests ask again. */
  private static final int MOST_WAITING = 2000;

  private final Loop loop;
  private final AgentCore core;
  private final Forwarding forwarding;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger overflowed = new AtomicInteger();
  private final Map<String, Long> counts = new TreeMap<>();
  private final DnsAnswers dns;
  private final HealthChecks health;
  private final Consumer<Event> claimed;
  private final MacWatch macs;

  /**
   * @param claimed is told what guests say of their addresses
   */
  Traps(
      Loop loop,
      AgentCore core,
      Forwarding forwarding,
      DnsAnswers dns,
      HealthChecks health,
      MacWatch macs,
      Consumer<Event> claimed) {
    this.macs = macs;
    this.health = health;
    this.claimed = claimed;
    this.loop = loop;
    this.core = core;
    this.forwarding = forwarding;
    this.dns = dns;
  }

  void listen() {
    forwarding.traps(this::came);
  }

  /** On the datapath's thread. */
  private void came(Trap trap) {
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      overflowed.incrementAndGet();
      return;
    }
    loop.execute(() -> {
      waiting.decrementAndGet();
      handle(trap);
    });
  }

  private void handle(Trap trap) {
    switch (trap.reason()) {
      case DHCP -> dhcp(trap);
      case RECEIVE -> {
        if (dns.takes(trap, this::config, this::send, this::count)) {
          return;
        }
        if (health.takes(trap.vif(), trap.frame())) {
          count("health: answered");
          return;
        }
        byte[] answer = Echo.answer(trap.frame());
        if (answer == null) {
          count("receive: nothing to answer");
        } else {
          send(trap.vif(), answer, "echo: answered");
        }
      }
      case ROUTER_SOLICITATION -> solicitation(trap);
      case ARP -> claim(trap);
      case MAC -> {
        macs.heard(portOf(trap.vif()), trap.frame());
        count("mac: heard");
      }
      case NONE -> count("not for the agent");
    }
  }

  /** A guest says that it has an address. */
  private void claim(Trap trap) {
    UUID port = portOf(trap.vif());
    IpAddress address = Claim.of(trap.frame());
    if (port == null || address == null) {
      count("claim: malformed");
    } else {
      count("claim: heard");
      claimed.accept(new Event.AddressClaimed(port, address));
    }
  }

  /** Asks guests whether they have the addresses that one may have at a time and nobody has. */
  void askForOwners() {
    for (Port port : core.ports()) {
      PortConfig config = core.config(port.id());
      int vif = core.ids().find(Ids.Pool.VIF, Names.port(port.id()));
      for (IpAddress address : config == null ? List.<IpAddress>of() : core.unclaimed(port.id())) {
        Subnet subnet = config == null ? null : config.subnetOf(address);
        if (vif != 0
            && config != null
            && subnet != null
            && address instanceof Ipv4Address wanted
            && subnet.service() instanceof Ipv4Address service) {
          send(vif, Arp.request(config.mac(), service, wanted), "claim: asked for");
        }
      }
    }
  }

  private void solicitation(Trap trap) {
    PortConfig port = config(trap.vif());
    byte[] answer = port == null ? null : RouterAdvertisement.answer(trap.frame(), port);
    if (answer == null) {
      count("router solicitation: not answered");
    } else {
      send(trap.vif(), answer, "router solicitation: answered");
    }
  }

  /** Tells all IPv6 guests of their router again. */
  void advertise() {
    core.ports().forEach(port -> advertise(port.id()));
  }

  /** Tells the guest of a port of its router, if it has one by IPv6. */
  void advertise(UUID port) {
    PortConfig config = core.config(port);
    byte[] frame = config == null ? null : RouterAdvertisement.unasked(config);
    int vif = core.ids().find(Ids.Pool.VIF, Names.port(port));
    if (frame != null && vif != 0) {
      send(vif, frame, "router advertisement");
    }
  }

  private void dhcp(Trap trap) {
    DhcpServer.Answer answer =
        Dhcp6Server.concerns(trap.frame())
            ? Dhcp6Server.answer(trap.frame(), config(trap.vif()))
            : DhcpServer.answer(trap.frame(), lease(trap.vif()));
    switch (answer) {
      case DhcpServer.Answer.Reply(String kind, byte[] frame) ->
          send(trap.vif(), frame, "dhcp: " + kind);
      case DhcpServer.Answer.Silence(String reason) -> count("dhcp: " + reason);
    }
  }

  private void send(int vif, byte[] frame, String what) {
    try {
      forwarding.transmit(vif, frame);
      count(what);
    } catch (DatapathException e) {
      count(what + ", but not sent");
    }
  }

  private @Nullable UUID portOf(int vif) {
    return GuestBook.uuid(core.ids().name(Ids.Pool.VIF, vif));
  }

  private @Nullable PortConfig config(int vif) {
    UUID id = portOf(vif);
    return id == null ? null : core.config(id);
  }

  private @Nullable DhcpLease lease(int vif) {
    UUID id = portOf(vif);
    PortConfig config = id == null ? null : core.config(id);
    Port port = id == null ? null : core.port(id);
    return config == null || port == null ? null : DhcpLease.of(config, port.displayName());
  }

  private void count(String what) {
    counts.merge(what, 1L, Long::sum);
  }

  /** What came and what became of it. */
  Map<String, Long> counts() {
    Map<String, Long> all = new TreeMap<>(counts);
    int lost = overflowed.get();
    if (lost > 0) {
      all.put("too many at once", (long) lost);
    }
    return all;
  }
}
