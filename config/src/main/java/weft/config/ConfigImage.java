package weft.config;

import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/**
 * The whole config at one revision, with its indices.
 *
 * <p>An image never changes: {@link #with} makes the next one, which shares with it all that stayed
 * the same. Any thread may read it, for as long as it likes.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures without bodies yet
public final class ConfigImage {
  public static final ConfigImage EMPTY = new ConfigImage();

  private ConfigImage() {}

  /** The image that `delta` leads to. */
  public ConfigImage with(ConfigDelta delta) {
    throw new UnsupportedOperationException("later");
  }

  /** The revision of the store that the image shows. */
  public long revision() {
    throw new UnsupportedOperationException("later");
  }

  /** The number of objects. */
  public int size() {
    throw new UnsupportedOperationException("later");
  }

  public @Nullable ConfigObject object(UUID uuid) {
    throw new UnsupportedOperationException("later");
  }

  public @Nullable ConfigObject object(String type, FqName fqName) {
    throw new UnsupportedOperationException("later");
  }

  /** All objects of a type, in order of name. */
  public Collection<ConfigObject> objects(String type) {
    throw new UnsupportedOperationException("later");
  }

  /** The objects of a type whose name is behind `after`, in order of name. */
  public Collection<ConfigObject> objects(String type, FqName after) {
    throw new UnsupportedOperationException("later");
  }

  /** The objects whose parent is `uuid`, in order of type and name. */
  public List<ConfigObject> children(UUID uuid) {
    throw new UnsupportedOperationException("later");
  }

  /** The children of one type, in order of name. */
  public List<ConfigObject> children(UUID uuid, String type) {
    throw new UnsupportedOperationException("later");
  }

  /** The objects that refer to `uuid`, in order of type and name. */
  public List<ConfigObject> referrers(UUID uuid) {
    throw new UnsupportedOperationException("later");
  }

  /** The referrers of one type, in order of name. */
  public List<ConfigObject> referrers(UUID uuid, String type) {
    throw new UnsupportedOperationException("later");
  }

  /** The owner of a value; null if it is free. */
  public @Nullable String owner(AllocationKey key) {
    throw new UnsupportedOperationException("later");
  }

  /** The values of a pool that have an owner, with it, in order of the values' text. */
  public SortedMap<String, String> allocations(String pool) {
    throw new UnsupportedOperationException("later");
  }
}
