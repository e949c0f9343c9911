package weft.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.core.Event;
import weft.agent.core.Wanted.LinkLocal;
import weft.agent.relay.Guests;
import weft.agent.relay.MetadataProxy;
import weft.agent.relay.Target;
import weft.agent.relay.TcpService;
import weft.agent.relay.UdpService;
import weft.vrouter.Service;
import weft.vrouter.TableKey.ServiceKey;

/**
 * The sockets of this host that guests reach under link-local addresses: metadata and what the
 * config names. It follows the config; ports are the same after a restart where they are free.
 */
final class Services implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Services.class);
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int FIRST_PORT = 40000;
  private static final int PORTS = 8000;

  private record Running(AutoCloseable socket, int port) {}

  /** Always there; see {@link Service#DNS_PORT}. */
  private static final LinkLocal DNS =
      new LinkLocal("dns", Service.HOST, Service.DNS_PORT, List.of(), Service.DNS_PORT);

  private final String secret;
  private final TcpService.Handler dns;
  private final Guests guests;
  private final Consumer<Event> happened;
  private final Map<LinkLocal, List<ServiceKey>> wanted = new HashMap<>();
  private final Map<ServiceKey, Running> running = new HashMap<>();
  private final Set<LinkLocal> failed = new HashSet<>();
  private List<LinkLocal> followed = List.of();

  /**
   * @param dns serves connections of guests that ask for names
   */
  Services(String secret, TcpService.Handler dns, Guests guests, Consumer<Event> happened) {
    this.secret = secret;
    this.dns = dns;
    this.guests = guests;
    this.happened = happened;
  }

  /** Opens and closes sockets. What cannot be opened waits for {@link #retry}. */
  void follow(List<LinkLocal> configured) {
    List<LinkLocal> services = new ArrayList<>(configured);
    services.add(DNS);
    if (services.equals(followed)) {
      return;
    }
    followed = List.copyOf(services);
    failed.retainAll(services);
    for (LinkLocal gone : List.copyOf(wanted.keySet())) {
      List<ServiceKey> keys = services.contains(gone) ? null : wanted.remove(gone);
      if (keys != null) {
        keys.forEach(this::stop);
      }
    }
    for (LinkLocal service : services) {
      if (!wanted.containsKey(service) && !failed.contains(service)) {
        start(service);
      }
    }
  }

  void retry() {
    for (LinkLocal service : List.copyOf(failed)) {
      start(service);
    }
  }

  private void start(LinkLocal service) {
    Target target = new Target(service.hosts(), service.targetPort());
    List<ServiceKey> keys = new ArrayList<>();
    try {
      ServiceKey tcp = new ServiceKey(service.address(), service.port(), TCP);
      boolean names = service.equals(DNS);
      TcpService.Handler handler =
          names
              ? dns
              : service.isMetadata() ? new MetadataProxy(target, secret) : TcpService.relay(target);
      TcpService listener = bind(tcp, at -> TcpService.start(service.name(), at, guests, handler));
      started(tcp, new Running(listener, listener.port()), keys);
      if (!names && !service.isMetadata()) {
        ServiceKey udp = new ServiceKey(service.address(), service.port(), UDP);
        UdpService datagrams =
            bind(udp, at -> UdpService.start(service.name(), at, guests, target));
        started(udp, new Running(datagrams, datagrams.port()), keys);
      }
      wanted.put(service, keys);
      failed.remove(service);
      LOG.info("service {} at {}:{}", service.name(), service.address(), service.port());
    } catch (IOException e) {
      keys.forEach(this::stop);
      if (failed.add(service)) {
        LOG.warn("service {} cannot be offered: {}", service.name(), e.getMessage());
      }
    }
  }

  private interface Opening<T> {
    T open(InetSocketAddress at) throws IOException;
  }

  private static <T> T bind(ServiceKey key, Opening<T> opening) throws IOException {
    InetAddress host = InetAddress.getByAddress(Service.HOST.toBytes());
    int usual = FIRST_PORT + Math.floorMod(key.hashCode(), PORTS);
    try {
      return opening.open(new InetSocketAddress(host, usual));
    } catch (IOException e) {
      return opening.open(new InetSocketAddress(host, 0));
    }
  }

  private void started(ServiceKey key, Running socket, List<ServiceKey> keys) {
    Running before = running.put(key, socket);
    if (before != null) {
      close(key, before);
    }
    keys.add(key);
    happened.accept(new Event.ServiceOpened(key, socket.port()));
  }

  private void stop(ServiceKey key) {
    Running socket = running.remove(key);
    if (socket != null) {
      happened.accept(new Event.ServiceClosed(key));
      close(key, socket);
    }
  }

  private static void close(ServiceKey key, Running socket) {
    try {
      socket.socket().close();
    } catch (Exception e) {
      LOG.warn("while closing {}: {}", key, e.toString());
    }
  }

  /** What came and what became of it. */
  Map<String, Long> counts() {
    Map<String, Long> all = new TreeMap<>();
    running
        .values()
        .forEach(each -> {
          if (each.socket() instanceof TcpService service) {
            service.counts(all::put);
          }
        });
    return all;
  }

  @Override
  public void close() {
    running.forEach(Services::close);
  }
}
