package weft.store;

class MemoryStoreTest extends StoreConformance {
  @Override
  Store open() {
    return new MemoryStore(clock);
  }

  @Override
  Store fresh(long number) {
    return open();
  }
}
