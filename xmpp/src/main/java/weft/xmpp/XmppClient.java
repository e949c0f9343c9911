package weft.xmpp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;

/**
 * Keeps one session with the first control node of a list that answers. Methods but `start` are
 * called on the loop.
 */
@SuppressWarnings("DoNotCallSuggester") // bodies follow
public final class XmppClient implements AutoCloseable {

  /**
   * @param name the agent's own name
   * @param servers tried in turn
   * @param bind the source address, or null for any
   * @param control the JID of the control node
   * @param maxBackOff the longest wait between two attempts
   */
  public record Options(
      String name,
      List<InetSocketAddress> servers,
      @Nullable InetAddress bind,
      String control,
      String subCluster,
      Duration holdTime,
      Duration openTime,
      Duration maxBackOff,
      int maxStanzaBytes,
      int maxQueuedBytes) {
    public Options {
      servers = List.copyOf(servers);
      if (servers.isEmpty()) {
        throw new IllegalArgumentException("no server to connect to");
      }
    }

    public static Options of(String name, List<InetSocketAddress> servers) {
      return new Options(
          name,
          servers,
          null,
          XmppServer.Options.CONTROL_NAME,
          "",
          Duration.ofSeconds(90),
          Duration.ofSeconds(15),
          Duration.ofSeconds(5),
          4 << 20,
          1 << 20);
    }

    public Options withBind(InetAddress address) {
      return new Options(
          name,
          servers,
          address,
          control,
          subCluster,
          holdTime,
          openTime,
          maxBackOff,
          maxStanzaBytes,
          maxQueuedBytes);
    }

    public Options withHoldTime(Duration time) {
      return new Options(
          name,
          servers,
          bind,
          control,
          subCluster,
          time,
          openTime,
          maxBackOff,
          maxStanzaBytes,
          maxQueuedBytes);
    }
  }

  private XmppClient() {}

  /** Starts to connect; calls the listener on `loop`. May be called from any thread. */
  public static XmppClient start(
      Options options, Loop loop, RandomGenerator random, XmppListener listener) {
    throw new UnsupportedOperationException();
  }

  /** The session, or null while there is none. */
  public @Nullable XmppSession session() {
    throw new UnsupportedOperationException();
  }

  /** What it is doing, for people: server, state, attempts, last failure. */
  public Status status() {
    throw new UnsupportedOperationException();
  }

  /**
   * @param attempts since the last session was opened
   * @param flaps sessions lost since the start
   * @param lastFailure empty if there was none
   */
  public record Status(
      InetSocketAddress server, String state, int attempts, int flaps, String lastFailure) {}

  /** Ends the session and makes no more. May be called from any thread. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
