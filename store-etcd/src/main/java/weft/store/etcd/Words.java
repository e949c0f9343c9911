package weft.store.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import weft.store.Compare;
import weft.store.Entry;
import weft.store.Event;
import weft.store.Key;
import weft.store.Operation;
import weft.store.Outcome;
import weft.store.Transaction;

/**
 * What the store says, in etcd's words, and back.
 *
 * @param origin etcd's revision at which the store's is 0: an etcd that has never been written to
 *     is at 1
 * @param prefix of all keys that are the store's; empty if all are
 */
record Words(long origin, String prefix) {
  private static final ByteString LOWEST = ByteString.copyFrom(new byte[] {0});

  /** A revision of the store as one of etcd; 0 is that of an absent key for both. */
  long theirs(long revision) {
    return revision == 0 ? 0 : revision + origin;
  }

  long ours(long revision) {
    return revision == 0 ? 0 : revision - origin;
  }

  ByteString bytes(Key key) {
    return ByteString.copyFromUtf8(prefix + key.text());
  }

  /** Whether others write to the same etcd. */
  boolean isShared() {
    return !prefix.isEmpty();
  }

  /**
   * Where etcd is shared, each transaction puts this key: by its revision one knows the store's,
   * whatever others do. It is before all keys of the store.
   */
  ByteString marker() {
    return ByteString.copyFromUtf8(prefix).concat(LOWEST);
  }

  /** The first key behind `key`. */
  static ByteString behind(ByteString key) {
    return key.concat(LOWEST);
  }

  ByteString firstUnder(Key start) {
    if (!start.equals(Key.EMPTY)) {
      return bytes(start);
    }
    return isShared() ? behind(marker()) : LOWEST;
  }

  /** The end of the range of all keys that start with `prefix`, in etcd's notation. */
  ByteString endOf(Key start) {
    byte[] end = bytes(start).toByteArray();
    if (end.length == 0) {
      return LOWEST;
    }
    end[end.length - 1]++; // UTF-8 has no byte 0xFF.
    return ByteString.copyFrom(end);
  }

  TxnRequest request(Transaction transaction) {
    TxnRequest.Builder request = TxnRequest.newBuilder();
    for (Compare compare : transaction.compares()) {
      request.addCompare(compare(compare));
      request.addFailure(
          RequestOp.newBuilder()
              .setRequestRange(RangeRequest.newBuilder().setKey(bytes(compare.key()))));
    }
    for (Operation operation : transaction.operations()) {
      request.addSuccess(
          switch (operation) {
            case Operation.Put put ->
                RequestOp.newBuilder()
                    .setRequestPut(
                        PutRequest.newBuilder()
                            .setKey(bytes(put.key()))
                            .setValue(ByteString.copyFrom(put.value()))
                            .setLease(put.lease()))
                    .build();
            case Operation.Delete delete ->
                RequestOp.newBuilder()
                    .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(bytes(delete.key())))
                    .build();
          });
    }
    if (isShared() && changes(transaction)) {
      request.addSuccess(
          RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(marker())));
    } else if (transaction.operations().isEmpty()) {
      // A transaction without any read is decided by what the member happens to know.
      request.addSuccess(
          RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(marker())));
    }
    return request.build();
  }

  /** Whether it cannot be done without changing something. */
  private static boolean changes(Transaction transaction) {
    Set<Key> present = new HashSet<>();
    for (Compare compare : transaction.compares()) {
      if (compare.revision() != 0) {
        present.add(compare.key());
      }
    }
    return transaction.operations().stream()
        .anyMatch(
            operation -> operation instanceof Operation.Put || present.contains(operation.key()));
  }

  /** Puts the marker unless it is there. */
  TxnRequest firstMark() {
    return TxnRequest.newBuilder()
        .addCompare(
            io.etcd.jetcd.api.Compare.newBuilder()
                .setResult(CompareResult.EQUAL)
                .setKey(marker())
                .setTarget(CompareTarget.CREATE)
                .setCreateRevision(0))
        .addSuccess(RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(marker())))
        .build();
  }

  /** Asks for so many comparisons, and for nothing to be done. */
  TxnRequest comparing(int number) {
    TxnRequest.Builder request = TxnRequest.newBuilder();
    for (int i = 0; i < number; i++) {
      request.addCompare(
          io.etcd.jetcd.api.Compare.newBuilder()
              .setResult(CompareResult.EQUAL)
              .setKey(marker())
              .setTarget(CompareTarget.VERSION)
              .setVersion(0));
    }
    return request.build();
  }

  private io.etcd.jetcd.api.Compare compare(Compare compare) {
    io.etcd.jetcd.api.Compare.Builder theirs =
        io.etcd.jetcd.api.Compare.newBuilder()
            .setResult(CompareResult.EQUAL)
            .setKey(bytes(compare.key()));
    return switch (compare.target()) {
      case MODIFIED ->
          theirs.setTarget(CompareTarget.MOD).setModRevision(theirs(compare.revision())).build();
      case CREATED ->
          theirs
              .setTarget(CompareTarget.CREATE)
              .setCreateRevision(theirs(compare.revision()))
              .build();
    };
  }

  Outcome outcome(Transaction transaction, TxnResponse response) {
    if (response.getSucceeded()) {
      if (isShared() && transaction.operations().isEmpty()) {
        return new Outcome.Committed(marked(response.getResponses(0).getResponseRange()));
      }
      return new Outcome.Committed(ours(response.getHeader().getRevision()));
    }
    for (int i = 0; i < transaction.compares().size(); i++) {
      Compare compare = transaction.compares().get(i);
      long actual = actual(compare.target(), response.getResponses(i).getResponseRange());
      if (actual != compare.revision()) {
        return new Outcome.Conflict(compare.key(), actual);
      }
    }
    throw new IllegalStateException("etcd refused a transaction whose comparisons all hold");
  }

  private long actual(Compare.Target target, RangeResponse found) {
    if (found.getKvsCount() == 0) {
      return 0;
    }
    KeyValue there = found.getKvs(0);
    return switch (target) {
      case MODIFIED -> ours(there.getModRevision());
      case CREATED -> ours(there.getCreateRevision());
    };
  }

  /** The revision of the store, by its marker. */
  long marked(RangeResponse found) {
    return found.getKvsCount() == 0 ? 0 : ours(found.getKvs(0).getModRevision());
  }

  private Key key(KeyValue found) {
    return new Key(found.getKey().toStringUtf8().substring(prefix.length()));
  }

  Entry entry(KeyValue found) {
    return new Entry(
        key(found),
        found.getValue().toByteArray(),
        ours(found.getCreateRevision()),
        ours(found.getModRevision()),
        found.getLease());
  }

  List<Entry> entries(RangeResponse found) {
    return found.getKvsList().stream().map(this::entry).toList();
  }

  Event event(io.etcd.jetcd.api.Event theirs) {
    KeyValue found = theirs.getKv();
    return theirs.getType() == io.etcd.jetcd.api.Event.EventType.DELETE
        ? new Event.Delete(key(found), ours(found.getModRevision()))
        : new Event.Put(entry(found));
  }
}
