package weft.agent.relay;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.relay.Guests.Guest;

/** Passes datagrams of guests on to a target, and its answers back to who asked. */
public final class UdpService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UdpService.class);
  private static final int CLIENTS_EACH = 64;
  private static final int MOST = 65535;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final String name;
  private final DatagramSocket socket;
  private final Guests guests;
  private final Target target;
  private final Shares shares = new Shares(CLIENTS_EACH);
  private final Map<SocketAddress, DatagramSocket> clients = new ConcurrentHashMap<>();

  private UdpService(String name, DatagramSocket socket, Guests guests, Target target) {
    this.name = name;
    this.socket = socket;
    this.guests = guests;
    this.target = target;
  }

  /** Listens. */
  public static UdpService start(String name, InetSocketAddress at, Guests guests, Target target)
      throws IOException {
    UdpService service = new UdpService(name, new DatagramSocket(at), guests, target);
    Thread _ = Thread.ofVirtual().name("service " + name).start(service::receive);
    return service;
  }

  public int port() {
    return socket.getLocalPort();
  }

  private void receive() {
    byte[] buffer = new byte[MOST];
    while (!socket.isClosed()) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
        DatagramSocket far = clientOf(packet);
        if (far != null) {
          far.send(new DatagramPacket(packet.getData(), packet.getOffset(), packet.getLength()));
        }
      } catch (IOException e) {
        if (!socket.isClosed()) {
          LOG.debug("service {}: {}", name, e.getMessage());
        }
      }
    }
  }

  private @Nullable DatagramSocket clientOf(DatagramPacket packet) throws IOException {
    SocketAddress client = packet.getSocketAddress();
    DatagramSocket known = clients.get(client);
    if (known != null && !known.isClosed()) {
      return known;
    }
    Guest guest = guests.of(packet.getAddress());
    if (guest == null || !shares.take(guest.vif())) {
      return null;
    }
    DatagramSocket far = new DatagramSocket();
    try {
      far.connect(target.pick());
      far.setSoTimeout((int) IDLE.toMillis());
    } catch (IOException e) {
      far.close();
      shares.release(guest.vif());
      throw e;
    }
    clients.put(client, far);
    Thread _ = Thread.ofVirtual().name("service " + name).start(() -> answers(far, client, guest));
    return far;
  }

  private void answers(DatagramSocket far, SocketAddress client, Guest guest) {
    byte[] buffer = new byte[MOST];
    try (far) {
      while (!far.isClosed()) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        far.receive(packet);
        socket.send(
            new DatagramPacket(packet.getData(), packet.getOffset(), packet.getLength(), client));
      }
    } catch (SocketTimeoutException e) {
      LOG.trace("service {}: {} is silent", name, client);
    } catch (IOException e) {
      LOG.debug("service {} for {}: {}", name, client, e.getMessage());
    } finally {
      clients.remove(client, far);
      shares.release(guest.vif());
    }
  }

  @Override
  public void close() {
    socket.close();
    clients.values().forEach(DatagramSocket::close);
  }
}
