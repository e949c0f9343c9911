package weft.agent.local;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.AddressMode;
import weft.agent.core.Wanted.DhcpOption;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.agent.local.Dhcp6Message.Option;
import weft.agent.local.DhcpServer.Answer;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.Writer;

/**
 * Answers DHCPv6 requests of guests (RFC 8415), each with the addresses that the config gives its
 * port; keeps nothing.
 */
public final class Dhcp6Server {
  private static final int CLIENT_PORT = 546;
  private static final int SERVER_PORT = 547;

  private static final int CLIENT_ID = 1;
  private static final int SERVER_ID = 2;
  private static final int IA_NA = 3;
  private static final int IA_TA = 4;
  private static final int IA_ADDRESS = 5;
  private static final int STATUS = 13;
  private static final int RAPID_COMMIT = 14;
  private static final int NAME_SERVERS = 23;
  private static final int DOMAINS = 24;
  private static final int IA_PD = 25;

  private static final int NO_ADDRESSES = 2;
  private static final int NOT_ON_LINK = 4;
  private static final int NO_PREFIX = 6;
  private static final int FOREVER = -1;

  /** Of the gateway's MAC, on every host: a guest that moves finds the server it knows. */
  private static final byte[] DUID = new Writer(10).u16(3).u16(1).mac(MacAddress.GATEWAY).toBytes();

  private Dhcp6Server() {}

  /** Whether a frame is of IPv6, where DHCPv4 has no place. */
  public static boolean concerns(byte[] frame) {
    return frame.length > 13 && (frame[12] & 0xff) == 0x86 && (frame[13] & 0xff) == 0xdd;
  }

  /** The answer to what a guest sent; a null port stands for one that is not configured. */
  public static Answer answer(byte[] frame, @Nullable PortConfig port) {
    Ipv6Frame packet = Ipv6Frame.parse(frame);
    Dhcp6Message message = packet == null ? null : content(packet);
    if (packet == null || message == null) {
      return new Answer.Silence("malformed");
    }
    if (message.type() >= Dhcp6Message.RELAY_FORWARD) {
      return new Answer.Silence("v6: message type " + message.type());
    }
    if (port == null || !packet.sourceMac().equals(port.mac())) {
      return new Answer.Silence("v6: no lease for the port");
    }
    List<Subnet> subnets = served(port);
    if (subnets.isEmpty()) {
      return new Answer.Silence("v6: no subnet with DHCP");
    }
    Dhcp6Message reply = new Exchange(message, port, subnets).reply();
    return reply == null
        ? new Answer.Silence("v6: not to be answered")
        : new Answer.Reply(
            "v6 " + (reply.type() == Dhcp6Message.REPLY ? "reply" : "advertise"),
            frame(packet, reply));
  }

  private static @Nullable Dhcp6Message content(Ipv6Frame packet) {
    Udp udp = packet.nextHeader() == Ipv6Frame.UDP ? Udp.parse(packet.payload()) : null;
    return udp != null && udp.isBetween(CLIENT_PORT, SERVER_PORT)
        ? Dhcp6Message.parse(udp.content())
        : null;
  }

  private static byte[] frame(Ipv6Frame asked, Dhcp6Message reply) {
    return new Ipv6Frame(
            asked.sourceMac(),
            MacAddress.GATEWAY,
            Neighbours.GATEWAY,
            asked.source(),
            Ipv6Frame.UDP,
            Ipv6Frame.USUAL,
            Ipv6Frame.udp(
                Neighbours.GATEWAY, SERVER_PORT, asked.source(), CLIENT_PORT, reply.toBytes()))
        .toBytes();
  }

  /** Those of the port's addresses in which DHCP is on. */
  private static List<Subnet> served(PortConfig port) {
    List<Subnet> subnets = new ArrayList<>();
    for (IpAddress address : port.addresses()) {
      Subnet subnet = address.isV4() ? null : port.subnetOf(address);
      if (subnet != null && subnet.dhcp() && !subnets.contains(subnet)) {
        subnets.add(subnet);
      }
    }
    return subnets;
  }

  /** One message and what becomes of it. */
  private record Exchange(Dhcp6Message asked, PortConfig port, List<Subnet> subnets) {
    @Nullable Dhcp6Message reply() {
      byte[] client = asked.first(CLIENT_ID);
      byte[] server = asked.first(SERVER_ID);
      boolean ours = server != null && Arrays.equals(server, DUID);
      return switch (asked.type()) {
        case Dhcp6Message.SOLICIT -> client == null || server != null ? null : solicited();
        case Dhcp6Message.REQUEST, Dhcp6Message.RENEW -> client == null || !ours ? null : given();
        case Dhcp6Message.REBIND -> client == null || server != null ? null : given();
        case Dhcp6Message.CONFIRM -> client == null || server != null ? null : confirmed();
        case Dhcp6Message.RELEASE, Dhcp6Message.DECLINE ->
            client == null || !ours ? null : reply(List.of(status(0, "")));
        case Dhcp6Message.INFORMATION_REQUEST ->
            server != null && !ours ? null : reply(configuration());
        default -> null;
      };
    }

    private Dhcp6Message reply(List<Option> options) {
      return message(Dhcp6Message.REPLY, options);
    }

    private Dhcp6Message message(int type, List<Option> options) {
      List<Option> all = new ArrayList<>();
      all.add(new Option(SERVER_ID, DUID));
      byte[] client = asked.first(CLIENT_ID);
      if (client != null) {
        all.add(new Option(CLIENT_ID, client));
      }
      all.addAll(options);
      return new Dhcp6Message(type, asked.transaction(), all);
    }

    private Dhcp6Message solicited() {
      if (asked.first(RAPID_COMMIT) == null) {
        return message(Dhcp6Message.ADVERTISE, everything());
      }
      List<Option> options = everything();
      options.add(new Option(RAPID_COMMIT, new byte[0]));
      return reply(options);
    }

    private Dhcp6Message given() {
      return reply(everything());
    }

    private List<Option> everything() {
      List<Option> options = new ArrayList<>();
      boolean first = true;
      for (Option option : asked.options()) {
        if (option.code() == IA_NA || option.code() == IA_TA || option.code() == IA_PD) {
          Option answered = association(option, first);
          if (answered != null) {
            options.add(answered);
            first &= option.code() != IA_NA;
          }
        }
      }
      options.addAll(configuration());
      return options;
    }

    /** The addresses go to the first association; what it had besides is declared over. */
    private @Nullable Option association(Option option, boolean first) {
      int head = option.code() == IA_TA ? 4 : 12;
      List<Option> held = Dhcp6Message.within(option, head);
      if (held == null) {
        return null;
      }
      Writer out = new Writer(64).bytes(option.value(), 0, 4);
      if (head == 12) {
        out.i32(0).i32(0);
      }
      if (option.code() != IA_NA || !first || given(held).isEmpty()) {
        Dhcp6Message.write(
            out,
            option.code() == IA_PD
                ? status(NO_PREFIX, "no prefixes are delegated")
                : status(NO_ADDRESSES, "the port has no more addresses"));
        return new Option(option.code(), out.toBytes());
      }
      List<Ipv6Address> given = given(held);
      given.forEach(address -> Dhcp6Message.write(out, address(address, FOREVER)));
      for (Ipv6Address each : addresses(held)) {
        if (!given.contains(each)) {
          Dhcp6Message.write(out, address(each, 0));
        }
      }
      return new Option(option.code(), out.toBytes());
    }

    /** All of the port's, of subnets where addresses come by DHCP or the guest has them already. */
    private List<Ipv6Address> given(List<Option> held) {
      List<Ipv6Address> known = addresses(held);
      List<Ipv6Address> given = new ArrayList<>();
      for (IpAddress each : port.addresses()) {
        Subnet subnet = port.subnetOf(each);
        if (each instanceof Ipv6Address address
            && subnet != null
            && subnets.contains(subnet)
            && (subnet.mode() == AddressMode.STATEFUL || known.contains(address))) {
          given.add(address);
        }
      }
      return given;
    }

    private static List<Ipv6Address> addresses(List<Option> options) {
      List<Ipv6Address> addresses = new ArrayList<>();
      for (Option option : options) {
        if (option.code() == IA_ADDRESS && option.value().length >= 16) {
          addresses.add(Ipv6Address.of(Arrays.copyOf(option.value(), 16)));
        }
      }
      return addresses;
    }

    private static Option address(Ipv6Address address, int lifetime) {
      return new Option(
          IA_ADDRESS, new Writer(24).ip(address).i32(lifetime).i32(lifetime).toBytes());
    }

    /** RFC 8415 section 18.3.3: whether the addresses fit the link; silence if it names none. */
    private @Nullable Dhcp6Message confirmed() {
      List<Ipv6Address> held = new ArrayList<>();
      for (Option option : asked.options()) {
        List<Option> within = option.code() == IA_NA ? Dhcp6Message.within(option, 12) : null;
        if (within != null) {
          held.addAll(addresses(within));
        }
      }
      if (held.isEmpty()) {
        return null;
      }
      List<IpPrefix> prefixes = subnets.stream().map(Subnet::prefix).toList();
      boolean fits =
          held.stream()
              .allMatch(each -> prefixes.stream().anyMatch(prefix -> prefix.contains(each)));
      return reply(List.of(fits ? status(0, "") : status(NOT_ON_LINK, "of another link")));
    }

    private static Option status(int code, String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      return new Option(STATUS, new Writer(2 + utf8.length).u16(code).bytes(utf8).toBytes());
    }

    /** What holds besides addresses: configured options go before what the subnets say. */
    private List<Option> configuration() {
      List<DhcpOption> configured = new ArrayList<>(port.dhcpOptions());
      subnets.forEach(subnet -> configured.addAll(subnet.dhcpOptions()));
      List<Option> options = new ArrayList<>();
      for (DhcpOption option : configured) {
        Option encoded = encoded(option);
        if (encoded != null && options.stream().noneMatch(has -> has.code() == encoded.code())) {
          options.add(encoded);
        }
      }
      Writer servers = new Writer(16);
      Dhcp6Names.servers(configured, subnets).forEach(servers::ip);
      byte[] domains = Dhcp6Names.domains(configured);
      if (servers.size() > 0) {
        options.add(new Option(NAME_SERVERS, servers.toBytes()));
      }
      if (domains.length > 0) {
        options.add(new Option(DOMAINS, domains));
      }
      return options;
    }

    private static @Nullable Option encoded(DhcpOption option) {
      return switch (option.name().toLowerCase(Locale.ROOT)) {
        case "v6-sip-domain-names" -> new Option(21, Dhcp6Names.encode(option.value()));
        case "v6-sip-addresses" -> addresses(22, option.value());
        case "v6-nis-servers" -> addresses(27, option.value());
        case "v6-sntp-servers" -> addresses(31, option.value());
        case "v6-bootfile-url" -> new Option(59, option.value().getBytes(StandardCharsets.UTF_8));
        default -> null;
      };
    }

    private static @Nullable Option addresses(int code, String words) {
      Writer out = new Writer(16);
      try {
        for (String word : words.trim().split("[\\s,]+")) {
          out.ip(Ipv6Address.parse(word));
        }
      } catch (IllegalArgumentException e) {
        return null;
      }
      return new Option(code, out.toBytes());
    }
  }
}
