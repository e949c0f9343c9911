package weft.store;

/**
 * What a transaction can tell of an entry: all but its value.
 *
 * @param created revision of the transaction that made the key; 0 if there is no entry
 * @param modified revision of the transaction that put the value; 0 if there is no entry
 * @param lease the lease that the entry goes with, or {@link Lease#NONE}
 */
record Version(long created, long modified, long lease) {
  static final Version ABSENT = new Version(0, 0, Lease.NONE);

  static Version of(Event event) {
    return switch (event) {
      case Event.Put(Entry entry) -> entry.version();
      case Event.Delete _ -> ABSENT;
    };
  }

  boolean isAbsent() {
    return created == 0;
  }
}
