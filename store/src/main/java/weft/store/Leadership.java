package weft.store;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.state.Loop;

/**
 * One process's part in the agreement on which of several does what only one may do.
 *
 * <p>The leader holds a key by a lease that it keeps alive. It ceases to lead when the key is gone
 * or another's, or when it could not keep the lease alive for as long as that lives: by then the
 * store may have given the key away. As clocks and messages may lag, that alone would not keep a
 * late write out: what a leader writes has to bear its {@link Duty#lead right} as a comparison.
 *
 * <p>All state belongs to the loop.
 */
public final class Leadership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Key ROOT = new Key("leader/");
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration PARTING = Duration.ofSeconds(2);

  /** What the leader does; called on the loop. */
  public interface Duty {
    /**
     * @param right has to be among the comparisons of every transaction that belongs to the duty:
     *     it fails once another leads
     */
    void lead(Compare right);

    void standBy();
  }

  private record Term(Lease lease, long validUntilNs) {}

  private final Store store;
  private final Loop loop;
  private final Key key;
  private final String name;
  private final Duration timeToLive;
  private final Duty duty;
  private @Nullable Entry holder;
  private @Nullable Term term;
  private @Nullable Watch watch;
  private long rightRevision;
  private boolean campaigning;
  private boolean looked;
  private boolean closed;
  private volatile @Nullable String leader;

  private Leadership(
      Store store, Loop loop, String role, String name, Duration timeToLive, Duty duty) {
    this.store = store;
    this.loop = loop;
    this.key = ROOT.append(role);
    this.name = name;
    this.timeToLive = timeToLive;
    this.duty = duty;
  }

  /**
   * Seeks to lead, from now until closed.
   *
   * @param loop may be blocked for as long as the store takes for a read
   * @param name of this process, unlike that of all others: what it held under this name before it
   *     was started is its own
   * @param timeToLive after which another leads if this one falls silent
   */
  public static Leadership seek(
      Store store, Loop loop, String role, String name, Duration timeToLive, Duty duty) {
    Leadership leadership = new Leadership(store, loop, role, name, timeToLive, duty);
    loop.execute(leadership::look);
    return leadership;
  }

  /** Who leads as far as is known here; null for nobody. */
  public @Nullable String leader() {
    return leader;
  }

  private void later(Runnable task) {
    Loop.Timer _ = loop.schedule(PAUSE, task);
  }

  /** Begins to follow the key. */
  private void look() {
    if (closed) {
      return;
    }
    try {
      Page now = store.scan(key, null, 1);
      watch = store.watch(key, now.revision() + 1, new Ear());
      boolean first = !looked;
      looked = true;
      holds(now.revision(), now.entries().isEmpty() ? null : now.entries().getFirst());
      Entry former = holder;
      if (first && former != null && former.text().equals(name)) {
        LOG.info("takes over '{}', which it held before it was started", key);
        campaign();
      }
    } catch (StoreException e) {
      LOG.warn("cannot see who holds '{}': {}", key, e.getMessage());
      later(this::look);
    }
  }

  private final class Ear implements WatchListener {
    @Override
    public void changed(long revision, List<Event> events) {
      for (Event event : events) {
        if (event.key().equals(key)) {
          Entry entry = event instanceof Event.Put put ? put.entry() : null;
          loop.execute(() -> holds(revision, entry));
        }
      }
    }

    @Override
    public void compacted(long oldestRevision) {
      loop.execute(Leadership.this::look);
    }

    @Override
    public void failed(StoreException cause) {
      later(Leadership.this::look);
    }
  }

  private void holds(long revision, @Nullable Entry entry) {
    if (closed || revision < rightRevision) {
      return;
    }
    holder = entry;
    leader = entry == null ? null : entry.text();
    if (term != null && (entry == null || entry.modRevision() > rightRevision)) {
      lose("another holds it, or nobody");
    }
    if (term == null && entry == null) {
      campaign();
    }
  }

  private void campaignIfVacant() {
    if (term == null && holder == null) {
      campaign();
    }
  }

  private void campaign() {
    if (campaigning || closed) {
      return;
    }
    campaigning = true;
    long begunNs = loop.nowNs();
    Entry former = holder;
    Compare vacant = Compare.modified(key, former == null ? 0 : former.modRevision());
    store
        .grant(timeToLive)
        .whenComplete((lease, failure) -> {
          if (lease == null) {
            loop.execute(() -> failed(failure));
            return;
          }
          Transaction claim =
              Transaction.builder()
                  .require(vacant)
                  .put(key, name.getBytes(java.nio.charset.StandardCharsets.UTF_8), lease)
                  .build();
          store
              .commit(claim)
              .whenComplete((outcome, refused) ->
                  loop.execute(() -> campaigned(lease, begunNs, outcome, refused)));
        });
  }

  private void failed(@Nullable Throwable cause) {
    campaigning = false;
    LOG.warn("cannot claim '{}': {}", key, String.valueOf(cause));
    later(this::campaignIfVacant);
  }

  private void campaigned(
      Lease lease, long begunNs, @Nullable Outcome outcome, @Nullable Throwable failure) {
    campaigning = false;
    if (!closed && outcome instanceof Outcome.Committed(long revision)) {
      rightRevision = revision;
      leader = name;
      renewed(lease, begunNs);
      LOG.info("{} leads: holds '{}' since revision {}", name, key, revision);
      duty.lead(Compare.modified(key, revision));
      scheduleRenewal(lease);
      return;
    }
    var _ = store.revoke(lease.id());
    if (outcome instanceof Outcome.Conflict) {
      later(this::campaignIfVacant); // Unless the watch tells who was faster.
    } else {
      failed(failure);
    }
  }

  private void renewed(Lease lease, long askedNs) {
    long until = askedNs + timeToLive.toNanos();
    term = new Term(lease, until);
    Loop.Timer _ = loop.schedule(Duration.ofNanos(Math.max(0, until - loop.nowNs())), this::expire);
  }

  private void expire() {
    Term now = term;
    if (now != null && now.validUntilNs() - loop.nowNs() <= 0) {
      lose("its lease could not be kept alive for " + timeToLive.toSeconds() + " s");
    }
  }

  private void scheduleRenewal(Lease lease) {
    Loop.Timer _ = loop.schedule(timeToLive.dividedBy(4), () -> renew(lease));
  }

  private void renew(Lease lease) {
    Term now = term;
    if (closed || now == null || now.lease().id() != lease.id()) {
      return;
    }
    long askedNs = loop.nowNs();
    store
        .keepAlive(lease.id())
        .whenComplete((alive, failure) ->
            loop.execute(() -> {
              Term still = term;
              if (closed || still == null || still.lease().id() != lease.id()) {
                return;
              }
              if (alive == null) {
                LOG.warn("the lease of '{}' was not renewed: {}", key, String.valueOf(failure));
              } else if (alive) {
                renewed(lease, askedNs);
              } else {
                lose("its lease is over");
                return;
              }
              scheduleRenewal(lease);
            }));
  }

  private void lose(String reason) {
    LOG.warn("{} leads no more by '{}': {}", name, key, reason);
    Term last = term;
    term = null;
    duty.standBy();
    if (last != null) {
      var _ = store.revoke(last.lease().id());
    }
  }

  /** Lets another lead at once. The store has to be open still. */
  @Override
  public void close() {
    CompletableFuture<Void> parted = new CompletableFuture<>();
    loop.execute(() -> {
      closed = true;
      Watch current = watch;
      if (current != null) {
        current.close();
      }
      Term last = term;
      term = null;
      if (last == null) {
        parted.complete(null);
      } else {
        duty.standBy();
        store.revoke(last.lease().id()).whenComplete((done, failure) -> parted.complete(null));
      }
    });
    // Whoever is not heard of in time leads until the lease is over.
    parted.completeOnTimeout(null, PARTING.toMillis(), TimeUnit.MILLISECONDS).join();
  }
}
