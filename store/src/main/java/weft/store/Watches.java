package weft.store;

import java.util.List;

/** What a watch is told of a transaction. */
final class Watches {
  private Watches() {}

  static List<Event> under(Key prefix, List<Event> events) {
    return events.stream().filter(event -> event.key().startsWith(prefix)).toList();
  }
}
