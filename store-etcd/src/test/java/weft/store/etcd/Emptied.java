package weft.store.etcd;

import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import weft.store.Key;

/** The emptying of an etcd between two tests. */
final class Emptied {
  private Emptied() {}

  /** Deletes all entries; returns the revision at which that leaves etcd. */
  static long etcd(EtcdOptions options) {
    Words words = new Words(1, "");
    try (Members members = new Members(options)) {
      DeleteRangeRequest all =
          DeleteRangeRequest.newBuilder()
              .setKey(words.firstUnder(Key.EMPTY))
              .setRangeEnd(words.endOf(Key.EMPTY))
              .build();
      return Members.await(members.ask(KVGrpc.getDeleteRangeMethod(), all, Members::notAnswered))
          .getHeader()
          .getRevision();
    }
  }
}
