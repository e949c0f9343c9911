package weft.store.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Page;
import weft.store.StoreException;

/** Reads the store as it is or was; all reads are linearizable. */
final class History {
  /** In place of a revision: whatever the last one is. */
  static final long NOW = -1;

  /** So many entries are asked for at a time. */
  private static final int CHUNK = 1000;

  private final Members members;
  private final Words words;

  /** All of etcd's revisions before this one are known to be compacted. */
  private final AtomicLong readable = new AtomicLong(1);

  History(Members members, Words words) {
    this.members = members;
    this.words = words;
  }

  private CompletableFuture<RangeResponse> read(RangeRequest request) {
    return members.ask(KVGrpc.getRangeMethod(), request, Members::notAnswered);
  }

  private RangeRequest.Builder anything() {
    return RangeRequest.newBuilder().setKey(words.marker());
  }

  CompletableFuture<Long> askRevision() {
    return read(anything().build())
        .thenApply(answer ->
            words.isShared() ? words.marked(answer) : words.ours(answer.getHeader().getRevision()));
  }

  /** That of etcd, whoever brought it about. */
  CompletableFuture<Long> askLast() {
    return read(anything().build())
        .thenApply(answer -> words.ours(answer.getHeader().getRevision()));
  }

  long revision() {
    return Members.await(askRevision());
  }

  private long theirs(long revision) {
    // etcd's 0 asks for the last revision.
    return revision == NOW ? 0 : revision + words.origin();
  }

  @Nullable Entry get(Key key, long revision) {
    members.requireOpen();
    if (key.equals(Key.EMPTY)) {
      return null;
    }
    RangeResponse found =
        Members.await(
            read(
                RangeRequest.newBuilder()
                    .setKey(words.bytes(key))
                    .setRevision(theirs(revision))
                    .build()));
    return found.getKvsCount() == 0 ? null : words.entry(found.getKvs(0));
  }

  Page scan(Key prefix, @Nullable Key after, int limit, long revision) {
    members.requireOpen();
    ByteString from = words.firstUnder(prefix);
    if (after != null && after.compareTo(prefix) >= 0) {
      if (!after.startsWith(prefix)) {
        return new Page(revision == NOW ? revision() : revision, List.of(), false);
      }
      from = Words.behind(words.bytes(after));
    }
    List<Entry> entries = new ArrayList<>();
    long at = theirs(revision);
    while (true) {
      int wanted = Math.clamp(limit - entries.size(), 1, CHUNK);
      RangeResponse found =
          Members.await(
              read(
                  RangeRequest.newBuilder()
                      .setKey(from)
                      .setRangeEnd(words.endOf(prefix))
                      .setLimit(wanted)
                      .setRevision(at)
                      .build()));
      // The pages that follow are of the same revision as the first.
      at = at == 0 ? found.getHeader().getRevision() : at;
      if (limit <= 0) {
        return new Page(words.ours(at), List.of(), found.getKvsCount() > 0);
      }
      entries.addAll(words.entries(found));
      if (!found.getMore() || entries.size() >= limit) {
        return new Page(words.ours(at), entries, found.getMore());
      }
      from = Words.behind(found.getKvs(found.getKvsCount() - 1).getKey());
    }
  }

  static boolean isCompacted(Throwable cause) {
    Status status = Members.status(cause);
    return status != null
        && status.getCode() == Status.Code.OUT_OF_RANGE
        && ("" + status.getDescription()).contains("compacted");
  }

  private static boolean isFuture(Throwable cause) {
    Status status = Members.status(cause);
    return status != null && status.getCode() == Status.Code.OUT_OF_RANGE && !isCompacted(cause);
  }

  /** Whether nothing of `revision` and what followed has been forgotten. */
  boolean retains(long revision) {
    return isReadable(revision + words.origin() - 1);
  }

  /** Whether etcd has not compacted what it was at its `revision`. */
  private boolean isReadable(long revision) {
    try {
      Members.await(read(anything().setRevision(Math.max(1, revision)).build()));
      return true;
    } catch (StoreException e) {
      if (isCompacted(e)) {
        return false;
      }
      if (isFuture(e)) {
        return true;
      }
      throw e;
    }
  }

  /** The oldest revision from which a watch hears all; etcd does not tell, so it is searched. */
  long oldest() {
    members.requireOpen();
    long low = readable.get();
    if (!isReadable(low)) {
      long high = words.theirs(Members.await(askLast()));
      low++;
      while (low < high) {
        long middle = (low + high) >>> 1;
        if (isReadable(middle)) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      long found = low;
      readable.accumulateAndGet(found, Math::max);
    }
    return Math.max(1, low + 1 - words.origin());
  }
}
