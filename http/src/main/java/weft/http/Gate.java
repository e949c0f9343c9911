package weft.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/**
 * Lets connections in, as many as may be, and sees to it that none takes longer than it may.
 *
 * <p>A connection notes only where it is and until when; one thread for all servers looks at all
 * connections four times a second.
 */
final class Gate implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final Duration SWEEP = Duration.ofMillis(250);

  /** So many get an answer at once that they are too many; those beyond are just closed. */
  private static final int ANSWERED_REFUSALS = 64;

  private static final ScheduledExecutorService SWEEPER =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("http-sweep").factory());

  /** Why a connection is not let in. */
  enum Refusal {
    TOO_MANY,
    TOO_MANY_FROM_CLIENT
  }

  /** A connection is closed without an answer. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(Refusal why) {
      super(why.name(), null, false, false);
    }
  }

  /** The ends of a connection. */
  private record Ends(@Nullable SocketAddress remote, @Nullable SocketAddress local) {}

  /**
   * A connection there is.
   *
   * @param client whom it counts for; null if for nobody
   */
  private record Guest(Visit visit, @Nullable IpPrefix client) {}

  private final HttpLimits limits;
  private final Map<Ends, Guest> guests = new ConcurrentHashMap<>();
  private final Map<IpPrefix, Integer> perClient = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final Future<?> sweeping;
  private volatile long sweeps;

  Gate(HttpLimits limits) {
    this.limits = limits;
    this.sweeping =
        SWEEPER.scheduleWithFixedDelay(
            this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
  }

  HttpLimits limits() {
    return limits;
  }

  /** The sweep before which so much time has not passed. */
  long after(Duration time) {
    return sweeps + 1 + Math.ceilDiv(time.toNanos(), SWEEP.toNanos());
  }

  /**
   * Notes a connection that was accepted.
   *
   * @throws Refused if it is to be closed at once
   */
  void admit(SocketChannel channel) {
    Ends ends;
    try {
      ends = new Ends(channel.getRemoteAddress(), channel.getLocalAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // gone already
    }
    if (!(ends.remote() instanceof InetSocketAddress remote)) {
      throw new IllegalStateException("a connection from " + ends.remote());
    }
    IpAddress address = IpAddress.of(remote.getAddress());
    boolean trusted = limits.trusts(address);
    IpPrefix client = trusted ? null : new IpPrefix(address, address.isV4() ? 32 : 64);
    Refusal why = refusal(client);
    if (why == null) {
      open.incrementAndGet();
      HttpMetrics.opened(1);
      if (client != null) {
        perClient.merge(client, 1, Integer::sum);
      }
      note(ends, new Guest(new Visit(channel, this, false), client));
      return;
    }
    HttpMetrics.refused(why);
    if (guests.size() - open.get() >= ANSWERED_REFUSALS) {
      throw new Refused(why);
    }
    note(ends, new Guest(new Visit(channel, this, true), null));
  }

  private void note(Ends ends, Guest guest) {
    Guest before = guests.put(ends, guest);
    if (before != null) {
      uncount(before);
    }
  }

  private void uncount(Guest guest) {
    if (guest.visit().refused()) {
      return;
    }
    open.decrementAndGet();
    HttpMetrics.opened(-1);
    if (guest.client() != null) {
      perClient.computeIfPresent(guest.client(), (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private @Nullable Refusal refusal(@Nullable IpPrefix client) {
    int most = limits.connections() - (client == null ? 0 : limits.connections() / 8);
    if (open.get() >= most) {
      return Refusal.TOO_MANY;
    }
    boolean another = client == null || perClient.getOrDefault(client, 0) < limits.perClient();
    return another ? null : Refusal.TOO_MANY_FROM_CLIENT;
  }

  /** The connection between two addresses that was let in last. */
  Visit visit(SocketAddress remote, SocketAddress local) {
    Guest guest = guests.get(new Ends(remote, local));
    if (guest == null) {
      throw new Refused(Refusal.TOO_MANY); // closed, and forgotten
    }
    return guest.visit();
  }

  /** A connection is over. */
  void ended(SocketAddress remote, SocketAddress local, Visit visit) {
    Ends ends = new Ends(remote, local);
    Guest guest = guests.get(ends);
    if (guest != null && guest.visit() == visit) {
      forget(ends, guest);
    }
  }

  private void forget(Ends ends, Guest guest) {
    if (guests.remove(ends, guest)) {
      uncount(guest);
    }
  }

  private void sweep() {
    long now = sweeps + 1;
    sweeps = now;
    guests.forEach((ends, guest) -> {
      if (!guest.visit().isOpen()) {
        forget(ends, guest);
        return;
      }
      try {
        guest.visit().sweep(now);
      } catch (IOException e) {
        LOG.warn("a connection from {} cannot be closed", ends.remote(), e);
      }
    });
  }

  @Override
  public void close() {
    sweeping.cancel(false);
    guests.forEach(this::forget);
  }
}
