package weft.store;

import java.util.List;

/**
 * Part of a scan, in order of keys.
 *
 * @param revision of the store of which this is true
 * @param more whether there is more behind the last entry
 */
public record Page(long revision, List<Entry> entries, boolean more) {
  public Page {
    entries = List.copyOf(entries);
  }
}
