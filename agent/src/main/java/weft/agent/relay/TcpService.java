package weft.agent.relay;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.relay.Guests.Guest;

/** A listening socket for guests; each connection has a virtual thread. */
public final class TcpService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TcpService.class);
  private static final int CONNECTIONS_EACH = 64;
  private static final int BACKLOG = 256;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration IDLE = Duration.ofMinutes(10);

  /** What is done with a connection; it is closed afterwards. */
  public interface Handler {
    void serve(Socket connection, Guest guest) throws IOException;
  }

  private final String name;
  private final ServerSocket socket;
  private final Guests guests;
  private final Handler handler;
  private final Shares shares = new Shares(CONNECTIONS_EACH);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  private TcpService(String name, ServerSocket socket, Guests guests, Handler handler) {
    this.name = name;
    this.socket = socket;
    this.guests = guests;
    this.handler = handler;
  }

  /**
   * Listens.
   *
   * @param at port 0 picks one
   */
  public static TcpService start(String name, InetSocketAddress at, Guests guests, Handler handler)
      throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(at, BACKLOG);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    TcpService service = new TcpService(name, socket, guests, handler);
    Thread _ = Thread.ofVirtual().name("service " + name).start(service::accept);
    return service;
  }

  public int port() {
    return socket.getLocalPort();
  }

  /** What came and what became of it. */
  public void counts(java.util.function.BiConsumer<String, Long> into) {
    counts.forEach((what, count) -> into.accept(name + ": " + what, count.sum()));
  }

  private void count(String what) {
    counts.computeIfAbsent(what, _ -> new LongAdder()).increment();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        Thread _ = Thread.ofVirtual().name("service " + name).start(() -> serve(connection));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          LOG.warn("service {}: {}", name, e.getMessage());
        }
      }
    }
  }

  private void serve(Socket connection) {
    Guest guest = guests.of(connection.getInetAddress());
    if (guest == null) {
      count("not from a guest");
      close(connection);
      return;
    }
    if (!shares.take(guest.vif())) {
      count("guest has too many connections");
      close(connection);
      return;
    }
    open.add(connection);
    try {
      connection.setSoTimeout((int) IDLE.toMillis());
      handler.serve(connection, guest);
      count("served");
    } catch (IOException e) {
      count("failed");
      LOG.debug("service {} for {}: {}", name, guest.address(), e.getMessage());
    } finally {
      open.remove(connection);
      shares.release(guest.vif());
      close(connection);
    }
  }

  private static void close(Closeable each) {
    try {
      each.close();
    } catch (IOException e) {
      LOG.debug("while closing: {}", e.getMessage());
    }
  }

  /** Passes bytes on to the target and back. */
  public static Handler relay(Target target) {
    return (connection, _) -> {
      try (Socket far = new Socket()) {
        far.connect(target.pick(), (int) CONNECT.toMillis());
        far.setSoTimeout((int) IDLE.toMillis());
        Thread back = Thread.ofVirtual().start(() -> pump(far, connection));
        pump(connection, far);
        back.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private static void pump(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
      to.shutdownOutput();
    } catch (IOException e) {
      close(from);
      close(to);
    }
  }

  @Override
  public void close() {
    close(socket);
    open.forEach(TcpService::close);
  }
}
