package weft.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A way to a TCP server that can be cut: connections through it break, and none is made; or fall
 * silent: connections stay, and nothing comes through, not even that one side ends them.
 */
public final class Relay implements AutoCloseable {
  private final ServerSocket door;
  private final String host;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;
  private volatile boolean silent;

  private Relay(ServerSocket door, String host, int port) {
    this.door = door;
    this.host = host;
    this.port = port;
  }

  /**
   * @param target as `host:port`
   */
  public static Relay to(String target) {
    try {
      int colon = target.lastIndexOf(':');
      Relay relay =
          new Relay(
              new ServerSocket(0, 50, InetAddress.getLoopbackAddress()),
              target.substring(0, colon),
              Integer.parseInt(target.substring(colon + 1)));
      Thread _ = Thread.ofVirtual().start(relay::accept);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it is found, as `host:port`. */
  public String address() {
    return "127.0.0.1:" + port();
  }

  public int port() {
    return door.getLocalPort();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket near = door.accept();
        if (cut) {
          near.close();
        } else {
          Socket far = new Socket(host, port);
          join(near, far);
          join(far, near);
        }
      } catch (IOException _) {
        // The server is away, or this is closed: the client finds its connection broken.
      }
    }
  }

  private void join(Socket from, Socket to) {
    open.add(from);
    Thread _ =
        Thread.ofVirtual()
            .start(() -> {
              try (from) {
                pass(from.getInputStream(), to.getOutputStream());
              } catch (IOException _) {
                // Cut, or ended by one side.
              } finally {
                open.remove(from);
                if (!silent) {
                  end(to);
                }
              }
            });
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void pass(InputStream from, OutputStream to) throws IOException {
    byte[] bytes = new byte[16 << 10];
    for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
      if (!silent) {
        to.write(bytes, 0, count);
      }
    }
  }

  /** Lets nothing through any more on the connections there are, as if both ends had vanished. */
  public void silence() {
    silent = true;
  }

  /** Breaks all connections, and lets no new one through. */
  public void cut() throws IOException {
    cut = true;
    for (Socket socket : open) {
      socket.close();
    }
  }

  /** Lets connections through again. */
  public void mend() {
    cut = false;
  }

  @Override
  public void close() throws IOException {
    cut();
    door.close();
  }
}
