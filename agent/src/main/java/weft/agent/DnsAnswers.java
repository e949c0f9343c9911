package weft.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import weft.agent.core.AgentCore;
import weft.agent.core.Wanted.Dns;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.agent.local.DnsDatagram;
import weft.agent.local.DnsMessage;
import weft.agent.local.VirtualDns;
import weft.net.IpAddress;
import weft.state.Loop;
import weft.vrouter.Trap;

/** Answers DNS at the service addresses of subnets, from zones of the config or other servers. */
final class DnsAnswers {
  /** Hands a frame to the guest of a vif; the text is counted. */
  interface Sender {
    void send(int vif, byte[] frame, String what);
  }

  private final Loop loop;
  private final Resolver resolver;
  private final VirtualDns zones;

  DnsAnswers(Loop loop, AgentCore core, Resolver resolver) {
    this.loop = loop;
    this.resolver = resolver;
    this.zones = new VirtualDns(core::zone, core::guestsOf, new Random());
  }

  /** True if the packet is a DNS question, which then is taken care of. */
  boolean takes(
      Trap trap, IntFunction<@Nullable PortConfig> configs, Sender sender, Consumer<String> count) {
    DnsDatagram datagram = DnsDatagram.parse(trap.frame());
    if (datagram == null) {
      return false;
    }
    PortConfig port = configs.apply(trap.vif());
    switch (DnsMessage.parse(datagram.message())) {
      case DnsMessage.Parsed.Silence _ -> count.accept("dns: no query");
      case DnsMessage.Parsed.Bad(byte[] answer) ->
          sender.send(trap.vif(), datagram.answer(answer), "dns: malformed");
      case DnsMessage.Parsed.Good(DnsMessage.Query query) -> {
        Dns dns = port == null ? new Dns.None() : method(port, datagram.server());
        answer(new Asked(trap.vif(), datagram, query), dns, sender, count);
      }
    }
    return true;
  }

  /** What becomes of a message that a guest has sent through a connection. */
  sealed interface Decision {
    @SuppressWarnings("ArrayRecordComponent") // made once, sent once
    record Answer(byte[] message) implements Decision {}

    /** To be asked of another server, of the usual ones if it is null. */
    record Relay(DnsMessage.Query query, @Nullable InetSocketAddress server) implements Decision {}

    /** The connection is of no use. */
    record Hangup() implements Decision {}
  }

  /**
   * Decides on a message to the addresses that DNS has in the networks of a port, which by a
   * connection are one.
   */
  Decision decide(@Nullable PortConfig port, byte[] message) {
    return switch (DnsMessage.parse(message)) {
      case DnsMessage.Parsed.Silence _ -> new Decision.Hangup();
      case DnsMessage.Parsed.Bad(byte[] answer) -> new Decision.Answer(answer);
      case DnsMessage.Parsed.Good(DnsMessage.Query asked) -> {
        DnsMessage.Query query = asked.byStream();
        yield switch (port == null ? new Dns.None() : method(port)) {
          case Dns.None _ -> new Decision.Answer(DnsMessage.answer(query, DnsMessage.REFUSED));
          case Dns.Relay _ -> new Decision.Relay(query, null);
          case Dns.Virtual(String name) ->
              switch (zones.resolve(query, name)) {
                case VirtualDns.Result.Answer(byte[] answer) -> new Decision.Answer(answer);
                case VirtualDns.Result.Forward(IpAddress server) ->
                    new Decision.Relay(query, at(server));
              };
        };
      }
    };
  }

  /** That of the subnet of the port's first address. */
  private static Dns method(PortConfig port) {
    for (IpAddress address : port.addresses()) {
      Subnet subnet = port.subnetOf(address);
      if (subnet != null) {
        return subnet.dns();
      }
    }
    return new Dns.None();
  }

  private record Asked(int vif, DnsDatagram datagram, DnsMessage.Query query) {}

  private static Dns method(PortConfig port, IpAddress server) {
    for (Subnet subnet : port.network().subnets()) {
      if (server.equals(subnet.service()) || server.equals(subnet.gateway())) {
        return subnet.dns();
      }
    }
    return new Dns.None();
  }

  private void answer(Asked asked, Dns dns, Sender sender, Consumer<String> count) {
    switch (dns) {
      case Dns.None _ -> say(asked, DnsMessage.REFUSED, sender, "dns: refused");
      case Dns.Relay _ -> relay(asked, null, sender, count);
      case Dns.Virtual(String name) -> {
        switch (zones.resolve(asked.query(), name)) {
          case VirtualDns.Result.Answer(byte[] message) ->
              sender.send(asked.vif(), asked.datagram().answer(message), "dns: answered");
          case VirtualDns.Result.Forward(IpAddress server) -> relay(asked, server, sender, count);
        }
      }
    }
  }

  private static void say(Asked asked, int code, Sender sender, String what) {
    sender.send(asked.vif(), asked.datagram().answer(DnsMessage.answer(asked.query(), code)), what);
  }

  private void relay(
      Asked asked, @Nullable IpAddress server, Sender sender, Consumer<String> count) {
    boolean taken =
        resolver.ask(
            asked.vif(),
            asked.datagram().message(),
            at(server),
            answer -> loop.execute(() -> relayed(asked, answer, sender)));
    if (!taken) {
      count.accept("dns: too many questions at once");
    }
  }

  private static @Nullable InetSocketAddress at(@Nullable IpAddress server) {
    try {
      return server == null
          ? null
          : new InetSocketAddress(InetAddress.getByAddress(server.toBytes()), 53);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void relayed(Asked asked, byte @Nullable [] answer, Sender sender) {
    if (answer == null) {
      say(asked, DnsMessage.SERVER_FAILURE, sender, "dns: no server answered");
    } else {
      byte[] fitting = DnsMessage.fitting(asked.query(), answer);
      sender.send(asked.vif(), asked.datagram().answer(fitting), "dns: passed on");
    }
  }
}
