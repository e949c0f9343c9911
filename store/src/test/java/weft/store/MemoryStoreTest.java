package weft.store;

import weft.store.conformance.StoreConformance;

class MemoryStoreTest extends StoreConformance {
  @Override
  protected Store open() {
    return new MemoryStore(clock);
  }

  @Override
  protected Store fresh(long number) {
    return open();
  }
}
