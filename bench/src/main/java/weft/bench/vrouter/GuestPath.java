package weft.bench.vrouter;

import java.io.IOException;
import weft.lab.Namespace;

/** What carries packets from one guest to another. */
interface GuestPath extends AutoCloseable {
  /** For people. */
  String name();

  Namespace from();

  Namespace to();

  /** The other guest's address. */
  String address();

  /** An address that leads to the other guest and that it does not have: it stays silent. */
  String silentAddress();

  /** Forgets the connections there were, if it knows any. */
  default void forget() throws IOException {}

  @Override
  void close();
}
