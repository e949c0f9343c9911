package weft.bench.vrouter;

import java.io.IOException;
import weft.lab.Namespace;

/** What carries packets from one guest to another. */
interface GuestPath extends AutoCloseable {
  /** For people. */
  String name();

  /** The hosts and guests between which it carries them. */
  Fabric fabric();

  default Namespace from() {
    return fabric().guest(0);
  }

  default Namespace to() {
    return fabric().guest(1);
  }

  /** The other guest's address. */
  default String address() {
    return fabric().address();
  }

  /** An address that leads to the other guest and that it does not have: it stays silent. */
  default String silentAddress() {
    return fabric().silentAddress();
  }

  /** Forgets the connections there were, if it knows any. */
  default void forget() throws IOException {}

  @Override
  default void close() {
    fabric().close();
  }
}
