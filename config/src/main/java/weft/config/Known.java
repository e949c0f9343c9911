package weft.config;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;

/**
 * What this process knows of the store: the config, and the revisions by which a transaction can
 * have the store check that it still holds.
 *
 * @param guards the revisions of the guard records
 * @param allocated the revisions of the allocation records
 */
record Known(ConfigImage image, Trie<UUID, Long> guards, Trie<AllocationKey, Long> allocated) {
  static final Known NOTHING = new Known(ConfigImage.EMPTY, Trie.empty(), Trie.empty());

  private static long orAbsent(@Nullable Long revision) {
    return revision == null ? 0 : revision;
  }

  long createRevision(UUID uuid) {
    ConfigObject object = image.object(uuid);
    return object == null ? 0 : object.created();
  }

  long guardRevision(UUID uuid) {
    return orAbsent(guards.get(uuid));
  }

  long allocationRevision(AllocationKey key) {
    return orAbsent(allocated.get(key));
  }
}
