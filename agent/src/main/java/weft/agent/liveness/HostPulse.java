package weft.agent.liveness;

/**
 * What is known of another host by its echoes.
 *
 * <p>A host that has never answered is not watched: it may be a gateway that knows no echo. Only
 * questions that went out and were left time to be answered count against a host, so that a pause
 * of this one kills nobody.
 */
final class HostPulse {
  /** Questions without an answer after which a host is silent. */
  static final int MISSES = 3;

  private final int[] asked = new int[2 * MISSES];
  private final long[] askedNs = new long[2 * MISSES];
  private State state = State.UNKNOWN;
  private int next = 1;
  private int misses;
  private boolean open;
  private long answeredNs;
  private long roundTripNs;
  private long answers;
  private int silences;

  /** Of a host. */
  enum State {
    UNKNOWN,
    ALIVE,
    SILENT
  }

  /** A question goes out; returns its number. The one before it, if open, is a miss. */
  int ask(long nowNs) {
    if (open) {
      misses++;
    }
    open = true;
    int number = next++;
    asked[number % asked.length] = number;
    askedNs[number % asked.length] = nowNs;
    return number;
  }

  /** An answer came; returns whether the state has changed. */
  boolean answered(int number, long nowNs) {
    int at = Math.floorMod(number, asked.length);
    if (asked[at] != number) {
      return false;
    }
    open = false;
    misses = 0;
    answers++;
    answeredNs = nowNs;
    roundTripNs = nowNs - askedNs[at];
    boolean changed = state != State.ALIVE;
    state = State.ALIVE;
    return changed;
  }

  /** Looked at when the last question has had its time; returns whether the state has changed. */
  boolean look() {
    if (state == State.ALIVE && misses + (open ? 1 : 0) >= MISSES) {
      state = State.SILENT;
      silences++;
      return true;
    }
    return false;
  }

  State state() {
    return state;
  }

  long answeredNs() {
    return answeredNs;
  }

  long roundTripNs() {
    return roundTripNs;
  }

  long answers() {
    return answers;
  }

  int silences() {
    return silences;
  }
}
