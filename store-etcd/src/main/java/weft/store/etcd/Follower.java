package weft.store.etcd;

import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.store.Event;
import weft.store.Key;
import weft.store.StoreException;
import weft.store.Watch;
import weft.store.WatchListener;

/**
 * One watch: a place in etcd's history that moves forward on a thread of its own, over as many
 * streams as it takes.
 *
 * <p>The next answer is asked for only when the listener is done with the last one: a slow listener
 * fills no memory here.
 */
final class Follower implements Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 1000;

  private final Members members;
  private final History history;
  private final Words words;
  private final Key prefix;
  private final WatchListener listener;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable BlockingClientCall<WatchRequest, WatchResponse> stream;

  /** The first revision that the listener has not heard. */
  private long next;

  private long pauseMs = FIRST_PAUSE_MS;

  Follower(
      Members members,
      History history,
      Words words,
      Key prefix,
      long next,
      WatchListener listener) {
    this.members = members;
    this.history = history;
    this.words = words;
    this.prefix = prefix;
    this.next = next;
    this.listener = listener;
  }

  void run() {
    try {
      while (!hasEnded()) {
        followOnce();
      }
    } catch (InterruptedException e) {
      fail(new StoreException("the watch was interrupted", e));
    }
  }

  private boolean hasEnded() {
    return ended.getCount() == 0 || members.isClosed();
  }

  private void followOnce() throws InterruptedException {
    BlockingClientCall<WatchRequest, WatchResponse> mine;
    try {
      mine = members.converse(WatchGrpc.getWatchMethod());
    } catch (StoreException e) {
      pause(String.valueOf(e.getMessage()));
      return;
    }
    stream = mine;
    if (hasEnded()) {
      mine.cancel("the watch has ended", null);
      return;
    }
    String broken;
    try {
      mine.write(WatchRequest.newBuilder().setCreateRequest(beginning()).build());
      WatchResponse response = mine.read();
      while (response != null && !hasEnded()) {
        take(response);
        response = hasEnded() ? null : mine.read();
      }
      broken = "it ended";
    } catch (StatusException e) {
      Status status = e.getStatus();
      if (isRefusal(status)) {
        fail(members.failure(status));
        return;
      }
      if (Tokens.isStale(status)) {
        members.loginAgain();
      }
      broken = status.toString();
    } catch (Unanswered e) {
      broken = String.valueOf(e.getMessage());
    } finally {
      mine.cancel("done", null);
    }
    pause(broken);
  }

  private void pause(String broken) throws InterruptedException {
    if (!hasEnded()) {
      LOG.info("watch of '{}' resumes at revision {}: {}", prefix, next, broken);
      boolean _ = ended.await(pauseMs, TimeUnit.MILLISECONDS);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  /** Whether asking again would not help. */
  private static boolean isRefusal(Status status) {
    return switch (status.getCode()) {
      case INVALID_ARGUMENT, UNIMPLEMENTED -> !Tokens.isStale(status);
      default -> false;
    };
  }

  private WatchCreateRequest beginning() {
    return WatchCreateRequest.newBuilder()
        .setKey(words.firstUnder(prefix))
        .setRangeEnd(words.endOf(prefix))
        .setStartRevision(words.theirs(next))
        .setProgressNotify(true)
        .build();
  }

  private void take(WatchResponse response) throws Unanswered {
    if (response.getCanceled()) {
      if (response.getCompactRevision() == 0) {
        // It does not say whether it is the token or the user that may not watch.
        members.loginAgain();
        throw new Unanswered("etcd cancelled it: " + response.getCancelReason());
      }
      compacted();
    } else if (response.getCreated()) {
      pauseMs = FIRST_PAUSE_MS;
      checkStart();
    } else if (response.getEventsCount() == 0) {
      // Progress: all up to here has been told.
      next = Math.max(next, words.ours(response.getHeader().getRevision()) + 1);
    } else {
      deliver(response.getEventsList());
    }
  }

  /** etcd would watch from the revision that it compacted at, whose deletions may be gone. */
  private void checkStart() throws Unanswered {
    boolean whole;
    try {
      whole = history.retains(next);
    } catch (StoreException e) {
      throw new Unanswered(String.valueOf(e.getMessage()));
    }
    if (!whole) {
      compacted();
    }
  }

  private void compacted() throws Unanswered {
    long oldest;
    try {
      oldest = history.oldest();
    } catch (StoreException e) {
      throw new Unanswered(String.valueOf(e.getMessage()));
    }
    if (!hasEnded()) {
      ended.countDown();
      listener.compacted(oldest);
    }
  }

  /** etcd sends the events of a revision in one response. */
  private void deliver(List<io.etcd.jetcd.api.Event> theirs) {
    List<Event> group = new ArrayList<>();
    for (io.etcd.jetcd.api.Event each : theirs) {
      Event event = words.event(each);
      if (!group.isEmpty() && group.getFirst().revision() != event.revision()) {
        tell(group);
        group = new ArrayList<>();
      }
      group.add(event);
    }
    tell(group);
  }

  private void tell(List<Event> events) {
    long revision = events.getFirst().revision();
    if (revision >= next && !hasEnded()) {
      next = revision + 1;
      listener.changed(revision, List.copyOf(events));
    }
  }

  private void fail(StoreException cause) {
    if (!hasEnded()) {
      ended.countDown();
      listener.failed(cause);
    }
  }

  @Override
  public void close() {
    ended.countDown();
    BlockingClientCall<WatchRequest, WatchResponse> current = stream;
    if (current != null) {
      current.cancel("the watch is closed", null);
    }
  }

  /** The stream is of no more use; another has to take over. */
  private static final class Unanswered extends Exception {
    private static final long serialVersionUID = 1L;

    Unanswered(String message) {
      super(message);
    }
  }
}
