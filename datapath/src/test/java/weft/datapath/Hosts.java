package weft.datapath;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.state.Delta;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.TableKey.VrfKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;
import weft.vrouter.Vrf;

/**
 * Hosts on one underlay, each with guests of one network in namespaces of their own.
 *
 * <p>Guest `n` of host `h` has the number 10·h + n, which is that of its vif, the last of its MAC
 * and address, and of the next hop that leads to it by MAC.
 */
final class Hosts implements AutoCloseable {
  private static final int FABRIC = 9;
  private static final int PORT = 5555;

  /** A guest with a socket that hears what is sent to its port. */
  record Guest(int id, int host, Namespace namespace, DatagramSocket socket) {
    MacAddress mac() {
      return PacketLab.mac(id);
    }

    String address() {
      return "10.1.1." + id;
    }

    void say(String to, String word) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      try {
        socket.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(to, PORT)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The next word heard, or empty if none comes in `ms`. */
    String hear(int ms) {
      DatagramPacket packet = new DatagramPacket(new byte[100], 100);
      try {
        socket.setSoTimeout(ms);
        socket.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
      } catch (SocketTimeoutException e) {
        return "";
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final Namespace underlay;
  private final List<Namespace> hosts = new ArrayList<>();
  private final List<Path> bpfDirs = new ArrayList<>();
  private final List<Datapath> datapaths = new ArrayList<>();
  private final List<Map<TableKey, TableValue>> applied = new ArrayList<>();
  final List<Guest> guests = new ArrayList<>();

  /**
   * @param guestsOf how many each host has
   */
  Hosts(String stem, int... guestsOf) {
    underlay = new Namespace(Namespace.unique(stem + "u"));
    underlay.exec("ip link add name sw type bridge && ip link set sw up");
    for (int host = 0; host < guestsOf.length; host++) {
      Namespace namespace = new Namespace(Namespace.unique(stem + host));
      hosts.add(namespace);
      Namespace.sh(
          "ip link add h%d netns %s mtu 1700 type veth peer name ul mtu 1700 netns %s"
              .formatted(host, underlay.name(), namespace.name()));
      underlay.exec("ip link set h%1$d master sw && ip link set h%1$d up".formatted(host));
      namespace.exec("ip addr add " + address(host) + "/24 dev ul && ip link set ul up");
      for (int n = 1; n <= guestsOf[host]; n++) {
        guests.add(guest(stem, host, 10 * host + n));
      }
      Path bpfDir = temporary();
      bpfDirs.add(bpfDir);
      datapaths.add(namespace.run(() -> Datapath.open(DatapathOptions.of(bpfDir))));
      applied.add(new HashMap<>());
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("weft-bpf");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Ipv4Address address(int host) {
    return Ipv4Address.parse("172.31.0." + (11 + host));
  }

  private Guest guest(String stem, int host, int id) {
    Namespace namespace = new Namespace(Namespace.unique(stem + "g" + id));
    Namespace.sh(
        "ip link add tap%d netns %s type veth peer name eth0 netns %s"
            .formatted(id, hosts.get(host).name(), namespace.name()));
    hosts.get(host).exec("ip link set tap" + id + " up");
    namespace.exec("echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6");
    namespace.exec(
        "ip link set eth0 address %s up && ip addr add 10.1.1.%d/24 brd + dev eth0"
            .formatted(PacketLab.mac(id), id));
    DatagramSocket socket =
        namespace.run(() -> new DatagramSocket(PORT, InetAddress.getByName("0.0.0.0")));
    return new Guest(id, host, namespace, socket);
  }

  List<Guest> guestsOf(int host) {
    return guests.stream().filter(guest -> guest.host() == host).toList();
  }

  int size() {
    return hosts.size();
  }

  Datapath datapath(int host) {
    return datapaths.get(host);
  }

  Namespace namespace(int host) {
    return hosts.get(host);
  }

  Map<TableKey, TableValue> applied(int host) {
    return applied.get(host);
  }

  /** The VRF, the guests of the host and the underlay. */
  Map<TableKey, TableValue> basics(int host, Vif.Flags flags) {
    Map<TableKey, TableValue> t = new HashMap<>();
    t.put(new VrfKey(1), new Vrf("net", 100));
    t.put(new VifKey(FABRIC), vif(host, "ul", Vif.Kind.FABRIC, 0, address(host), flags));
    for (Guest guest : guestsOf(host)) {
      IpAddress own = IpAddress.parse(guest.address());
      t.put(
          new VifKey(guest.id()),
          vif(host, "tap" + guest.id(), Vif.Kind.VIRTUAL, guest.id(), own, flags));
      t.put(new NextHopKey(guest.id()), new NextHop.EncapL2(guest.id()));
    }
    return t;
  }

  private Vif vif(
      int host, String device, Vif.Kind kind, int mac, IpAddress address, Vif.Flags flags) {
    return new Vif(
        kind,
        device,
        hosts.get(host).run(() -> Libc.ifindex(device)),
        PacketLab.mac(mac),
        kind == Vif.Kind.FABRIC ? 0 : 1,
        address,
        new TreeSet<>(),
        0,
        0,
        0,
        flags,
        kind == Vif.Kind.FABRIC ? null : new UUID(0, mac));
  }

  void put(int host, Map<TableKey, ? extends TableValue> entries) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    entries.forEach((key, value) -> delta.add(key, applied.get(host).put(key, value), value));
    apply(host, delta);
  }

  void remove(int host, TableKey key) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    apply(host, delta.add(key, applied.get(host).remove(key), null));
  }

  private void apply(int host, Delta.Builder<TableKey, TableValue> delta) {
    List<Failure> failures = hosts.get(host).run(() -> datapaths.get(host).apply(delta.build(1)));
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.toString());
    }
  }

  @Override
  public void close() {
    for (int host = 0; host < datapaths.size(); host++) {
      Datapath datapath = datapaths.get(host);
      Path bpfDir = bpfDirs.get(host);
      hosts
          .get(host)
          .run(() -> {
            datapath.close();
            Datapath.remove(DatapathOptions.of(bpfDir));
            return null;
          });
      Namespace.sh("umount " + bpfDir + " && rmdir " + bpfDir);
    }
    guests.forEach(guest -> {
      guest.socket().close();
      guest.namespace().close();
    });
    hosts.forEach(Namespace::close);
    underlay.close();
  }
}
