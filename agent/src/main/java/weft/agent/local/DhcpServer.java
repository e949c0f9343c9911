package weft.agent.local;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.HostRoute;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.Writer;

/**
 * Answers DHCPv4 requests of guests (RFC 2131), each with the one address that the config gives its
 * port; keeps nothing.
 */
public final class DhcpServer {
  private static final int DISCOVER = 1;
  private static final int OFFER = 2;
  private static final int REQUEST = 3;
  private static final int DECLINE = 4;
  private static final int ACK = 5;
  private static final int NAK = 6;
  private static final int RELEASE = 7;
  private static final int INFORM = 8;

  private static final int MASK = 1;
  private static final int ROUTER = 3;
  private static final int NAME_SERVER = 6;
  private static final int HOST_NAME = 12;
  private static final int MTU = 26;
  private static final int BROADCAST = 28;
  private static final int REQUESTED_ADDRESS = 50;
  private static final int LEASE_TIME = 51;
  private static final int MESSAGE_TYPE = 53;
  private static final int SERVER_ID = 54;
  private static final int PARAMETERS = 55;
  private static final int CLASSLESS_ROUTES = 121;

  private static final List<Integer> LEASE_TIMES = List.of(LEASE_TIME, 58, 59);

  private static final int SERVER_PORT = 67;
  private static final int CLIENT_PORT = 68;

  private DhcpServer() {}

  /** What a frame led to; the reasons are counted. */
  public sealed interface Answer {
    /** A frame for the guest. */
    @SuppressWarnings("ArrayRecordComponent") // written once, sent once
    record Reply(String kind, byte[] frame) implements Answer {}

    record Silence(String reason) implements Answer {}
  }

  /** The answer to what a guest sent; a null lease stands for a port that gets none. */
  public static Answer answer(byte[] frame, @Nullable DhcpLease lease) {
    Ipv4Frame packet = Ipv4Frame.parse(frame);
    byte[] content = packet == null ? null : content(packet);
    DhcpMessage message = content == null ? null : DhcpMessage.parse(content);
    if (message == null || message.operation() != DhcpMessage.REQUEST) {
      return new Answer.Silence("malformed");
    }
    if (lease == null) {
      return new Answer.Silence("no lease for the port");
    }
    if (!message.hardwareAddress().equals(lease.mac())) {
      return new Answer.Silence("not the port's own MAC");
    }
    if (!message.relayAddress().equals(Ipv4Address.ANY)) {
      return new Answer.Silence("relayed");
    }
    byte[] type = message.options().get(MESSAGE_TYPE);
    if (type == null || type.length != 1) {
      return new Answer.Silence("malformed");
    }
    return switch (type[0]) {
      case DISCOVER -> reply(message, lease, OFFER);
      case REQUEST -> requested(message, lease);
      case INFORM -> reply(message, lease, INFORM);
      case DECLINE -> new Answer.Silence("decline");
      case RELEASE -> new Answer.Silence("release");
      default -> new Answer.Silence("message type " + type[0]);
    };
  }

  /** The UDP payload, or null if it is not from the client's port to the server's. */
  private static byte @Nullable [] content(Ipv4Frame packet) {
    Udp udp = packet.protocol() == Ipv4Frame.UDP ? Udp.parse(packet.payload()) : null;
    return udp != null && udp.isBetween(CLIENT_PORT, SERVER_PORT) ? udp.content() : null;
  }

  /** RFC 2131 section 4.3.2: selecting, rebooting, renewing and rebinding in turn. */
  private static Answer requested(DhcpMessage message, DhcpLease lease) {
    Ipv4Address server = address(message, SERVER_ID);
    if (server != null && !server.equals(lease.server())) {
      return new Answer.Silence("another server's offer");
    }
    Ipv4Address wanted = address(message, REQUESTED_ADDRESS);
    if (wanted == null) {
      wanted = message.clientAddress();
    }
    return reply(message, lease, wanted.equals(lease.address()) ? ACK : NAK);
  }

  private static @Nullable Ipv4Address address(DhcpMessage message, int code) {
    byte[] value = message.options().get(code);
    return value == null || value.length != 4 ? null : Ipv4Address.of(value);
  }

  /**
   * @param type OFFER, ACK, NAK, or INFORM for the ACK that answers it
   */
  private static Answer reply(DhcpMessage request, DhcpLease lease, int type) {
    boolean nak = type == NAK;
    boolean leased = type == OFFER || type == ACK;
    Map<Integer, byte[]> options = new LinkedHashMap<>();
    options.put(MESSAGE_TYPE, new byte[] {(byte) (type == INFORM ? ACK : type)});
    options.put(SERVER_ID, lease.server().toBytes());
    if (leased) {
      options.put(LEASE_TIME, new byte[] {-1, -1, -1, -1});
    }
    if (!nak) {
      parameters(request, lease, options);
    }
    if (type == INFORM) {
      LEASE_TIMES.forEach(options::remove);
    }
    DhcpMessage reply =
        new DhcpMessage(
            DhcpMessage.REPLY,
            request.transaction(),
            request.broadcast(),
            nak ? Ipv4Address.ANY : request.clientAddress(),
            leased ? lease.address() : Ipv4Address.ANY,
            nak ? Ipv4Address.ANY : lease.server(),
            Ipv4Address.ANY,
            lease.mac(),
            options);
    String kind =
        switch (type) {
          case OFFER -> "offer";
          case NAK -> "nak";
          default -> "ack";
        };
    return new Answer.Reply(kind, frame(reply, lease, nak));
  }

  private static byte[] frame(DhcpMessage reply, DhcpLease lease, boolean nak) {
    boolean broadcast = nak || reply.broadcast();
    Ipv4Address to =
        reply.yourAddress().equals(Ipv4Address.ANY) ? reply.clientAddress() : reply.yourAddress();
    if (broadcast || to.equals(Ipv4Address.ANY)) {
      to = Ipv4Address.BROADCAST;
    }
    return new Ipv4Frame(
            to.equals(Ipv4Address.BROADCAST) ? MacAddress.BROADCAST : lease.mac(),
            MacAddress.GATEWAY,
            lease.server(),
            to,
            Ipv4Frame.UDP,
            Ipv4Frame.udp(lease.server(), SERVER_PORT, to, CLIENT_PORT, reply.toBytes()))
        .toBytes();
  }

  private static void parameters(
      DhcpMessage request, DhcpLease lease, Map<Integer, byte[]> options) {
    int mask = lease.subnet().length() == 0 ? 0 : -1 << (32 - lease.subnet().length());
    options.put(MASK, new Ipv4Address(mask).toBytes());
    options.put(BROADCAST, new Ipv4Address(lease.address().bits() | ~mask).toBytes());
    byte[] routes = asked(request, CLASSLESS_ROUTES) ? classlessRoutes(lease) : null;
    if (routes != null) {
      options.put(CLASSLESS_ROUTES, routes);
    } else if (lease.gateway() != null) {
      options.put(ROUTER, lease.gateway().toBytes());
    }
    if (!lease.nameServers().isEmpty()) {
      Writer servers = new Writer(16);
      lease.nameServers().forEach(servers::ip);
      options.put(NAME_SERVER, servers.toBytes());
    }
    if (!lease.hostName().isEmpty()) {
      options.put(HOST_NAME, lease.hostName().getBytes(StandardCharsets.UTF_8));
    }
    options.put(MTU, new Writer(2).u16(lease.mtu()).toBytes());
    options.putAll(DhcpOptionTable.encode(lease.options()));
    if (options.containsKey(CLASSLESS_ROUTES) && asked(request, CLASSLESS_ROUTES)) {
      options.remove(ROUTER);
    }
  }

  private static boolean asked(DhcpMessage request, int code) {
    byte[] parameters = request.options().get(PARAMETERS);
    for (byte parameter : parameters == null ? new byte[0] : parameters) {
      if ((parameter & 0xff) == code) {
        return true;
      }
    }
    return false;
  }

  /**
   * RFC 3442. A client that takes these looks at no router option, so the default route is among
   * them.
   */
  private static byte @Nullable [] classlessRoutes(DhcpLease lease) {
    if (lease.routes().isEmpty()) {
      return null;
    }
    List<HostRoute> all = new ArrayList<>(lease.routes());
    IpPrefix everything = new IpPrefix(Ipv4Address.ANY, 0);
    if (all.stream().noneMatch(route -> route.prefix().equals(everything))) {
      all.add(new HostRoute(everything, null));
    }
    Writer out = new Writer(32);
    for (HostRoute route : all) {
      Ipv4Address gateway = route.gateway() instanceof Ipv4Address given ? given : lease.gateway();
      if (route.prefix().isV4() && gateway != null) {
        int length = route.prefix().length();
        out.u8(length).bytes(route.prefix().address().toBytes(), 0, (length + 7) / 8).ip(gateway);
      }
    }
    return out.size() == 0 ? null : out.toBytes();
  }
}
