package weft.controller;

import java.nio.file.Path;
import weft.state.Loop;
import weft.store.RocksOptions;
import weft.store.RocksStore;
import weft.store.Store;
import weft.store.etcd.EtcdOptions;
import weft.store.etcd.EtcdStore;

/** Which store the config is kept in. */
public sealed interface StoreOptions {
  /** One in a directory of this machine, for one controller. */
  record Embedded(Path directory) implements StoreOptions {
    @Override
    public Store open(Loop clock) {
      return RocksStore.open(directory, RocksOptions.DEFAULT, clock);
    }

    @Override
    public String toString() {
      return "embedded in " + directory;
    }
  }

  /** An etcd cluster, for any number of controllers. */
  record Etcd(EtcdOptions options) implements StoreOptions {
    @Override
    public Store open(Loop clock) {
      return EtcdStore.open(options);
    }

    @Override
    public String toString() {
      return "etcd at " + String.join(", ", options.endpoints());
    }
  }

  /**
   * @param clock by which leases of an embedded store expire
   * @throws weft.store.StoreException if it cannot be opened
   */
  Store open(Loop clock);
}
