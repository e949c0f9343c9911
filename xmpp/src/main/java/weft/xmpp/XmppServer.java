package weft.xmpp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import weft.state.Loop;

/** Listens for agents and keeps a session with each. Methods but `start` are called on the loop. */
@SuppressWarnings("DoNotCallSuggester") // bodies follow
public final class XmppServer implements AutoCloseable {

  /**
   * @param name the JID it answers with
   * @param subCluster what an agent's stream must name; empty = any
   * @param holdTime how long a peer may be silent
   * @param openTime how long a peer may take to open its stream
   * @param gracefulRestart true lets a new session of a name and address replace the old one
   * @param maxStanzaBytes a longer stanza ends the session
   * @param maxQueuedBytes above this a session is not writable
   */
  public record Options(
      List<InetSocketAddress> listen,
      String name,
      String subCluster,
      Duration holdTime,
      Duration openTime,
      boolean gracefulRestart,
      int maxStanzaBytes,
      int maxQueuedBytes) {
    public static final String CONTROL_NAME = "network-control@contrailsystems.com";

    public Options {
      listen = List.copyOf(listen);
    }

    public static Options of(InetSocketAddress... listen) {
      return new Options(
          List.of(listen),
          CONTROL_NAME,
          "",
          Duration.ofSeconds(90),
          Duration.ofSeconds(15),
          true,
          4 << 20,
          1 << 20);
    }

    public Options withHoldTime(Duration time) {
      return new Options(
          listen,
          name,
          subCluster,
          time,
          openTime,
          gracefulRestart,
          maxStanzaBytes,
          maxQueuedBytes);
    }
  }

  private XmppServer() {}

  /** Listens at once; calls the listener on `loop`. May be called from any thread. */
  public static XmppServer start(Options options, Loop loop, XmppListener listener)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Where it listens, with the ports that were given for port 0. */
  public List<InetSocketAddress> addresses() {
    throw new UnsupportedOperationException();
  }

  public List<XmppSession> sessions() {
    throw new UnsupportedOperationException();
  }

  /** How often a stream ended or was refused, by reason. */
  public Map<CloseReason.Kind, Long> endings() {
    throw new UnsupportedOperationException();
  }

  /** Stops listening and closes all sessions. May be called from any thread. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
