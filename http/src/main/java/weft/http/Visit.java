package weft.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far one connection is, and until when it may be there; written by its own thread, looked at
 * by the {@link Gate}'s sweep.
 *
 * <p>Time is counted in sweeps: when the process is held up, so is the clock.
 */
final class Visit {
  /** That of the thread's own connection. */
  static final ScopedValue<Visit> CURRENT = ScopedValue.newInstance();

  enum Phase {
    /** Nothing of a first request is here; over TLS, the handshake may be under way. */
    CONNECTED,
    HEADER,
    BODY,
    /** It is our turn: without a limit. */
    HANDLED,
    WRITING,
    IDLE,
    /** It is told that it is one too many. */
    REFUSED,
    /** Its time was over; its thread is ending it. */
    EXPIRED
  }

  /** Those that have a limit, and are a client's doing. */
  static final List<Phase> LIMITED =
      List.of(Phase.CONNECTED, Phase.HEADER, Phase.BODY, Phase.WRITING, Phase.IDLE);

  private static final Duration REFUSAL = Duration.ofSeconds(2);

  /**
   * @param until the sweep at which its time is over
   */
  record State(Phase phase, long until) {
    private static final State HANDLED = new State(Phase.HANDLED, Long.MAX_VALUE);
  }

  private final SocketChannel channel;
  private final Gate gate;
  private final boolean refused;

  private volatile State state;

  /** In what phase its time was over. */
  private volatile @Nullable Phase expired;

  /**
   * @param refused it is one too many, and is to be told so
   */
  Visit(SocketChannel channel, Gate gate, boolean refused) {
    this.channel = channel;
    this.gate = gate;
    this.refused = refused;
    this.state =
        refused ? within(Phase.REFUSED, REFUSAL) : within(Phase.CONNECTED, gate.limits().header());
  }

  private State within(Phase phase, Duration time) {
    return new State(phase, gate.after(time));
  }

  boolean refused() {
    return refused;
  }

  @Nullable Phase expired() {
    return expired;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  // ---- by the connection's thread

  /** Some bytes are here. */
  void arrived() {
    State now = state;
    switch (now.phase()) {
      case CONNECTED -> state = new State(Phase.HEADER, now.until());
      case IDLE -> state = within(Phase.HEADER, gate.limits().header());
      case HEADER, BODY, HANDLED, WRITING, REFUSED, EXPIRED -> {}
    }
  }

  void body() {
    state = within(Phase.BODY, gate.limits().body());
  }

  void handled() {
    state = State.HANDLED;
  }

  void idle() {
    state = within(Phase.IDLE, gate.limits().idle());
  }

  /** Begins to write, and returns to what it comes {@link #written back}. */
  State writing() {
    State before = state;
    state = within(Phase.WRITING, gate.limits().stall());
    return before;
  }

  void written(State before) {
    state = before;
  }

  /** The client finds the end of what there is to read. */
  void endOutput() {
    try {
      channel.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- by the sweep

  /**
   * Ends it if its time is over. Who is read from finds the end of the stream, and may still
   * answer; who is written to has it broken off.
   */
  void sweep(long now) throws IOException {
    State seen = state;
    if (seen.until() > now) {
      return;
    }
    Phase phase = seen.phase();
    if (phase == Phase.EXPIRED) {
      channel.close(); // it did not go by itself
      return;
    }
    expired = phase;
    HttpMetrics.expired(phase);
    if (phase == Phase.WRITING) {
      channel.close();
      return;
    }
    state = within(Phase.EXPIRED, gate.limits().stall());
    try {
      channel.shutdownInput();
    } catch (ClosedChannelException | NotYetConnectedException _) {
      // The client was faster.
    }
  }
}
