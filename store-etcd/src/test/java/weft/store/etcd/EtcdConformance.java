package weft.store.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import weft.store.Store;
import weft.store.conformance.StoreConformance;

/** What every engine has to do, done by real etcd. */
abstract class EtcdConformance extends StoreConformance {
  /** The revision of etcd at which the store of this test begins; negative before it is opened. */
  long origin = -1;

  /** The way to its members. */
  abstract EtcdOptions cluster();

  @Override
  protected Store open() {
    origin = origin < 0 ? Emptied.etcd(cluster()) : origin;
    return EtcdStore.open(cluster(), origin);
  }

  @Override
  protected Store fresh(long number) {
    origin = -1;
    return open();
  }

  @Override
  protected Store reopened(Store before) {
    before.close();
    return open();
  }

  /** The members go by their own clocks. */
  @Override
  protected void pass(Duration time) {
    var later = CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS);
    CompletableFuture.runAsync(() -> {}, later).join();
  }

  @Override
  protected Duration time(int units) {
    return Duration.ofMillis(800).multipliedBy(units);
  }

  @Override
  protected boolean decidesInOrder() {
    return false;
  }
}
