package weft.config;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;
import weft.state.Change;
import weft.state.Delta;
import weft.state.Loop;

/**
 * One listener's place in the stream of changes.
 *
 * <p>At most one task of it waits on the loop; what comes meanwhile is joined to what that will
 * tell. A slow listener thus costs memory for the keys that changed, not for each change.
 */
final class Subscription implements ConfigFeed {
  private final Loop loop;
  private final ConfigListener listener;
  private final Consumer<Subscription> closing;
  private final ReentrantLock lock = new ReentrantLock();
  private Delta.Builder<UUID, ConfigObject> objects = new Delta.Builder<>();
  private Delta.Builder<AllocationKey, String> allocations = new Delta.Builder<>();
  private @Nullable ConfigImage latest;
  private boolean begun;
  private boolean waiting;
  private volatile boolean closed;

  Subscription(Loop loop, ConfigListener listener, Consumer<Subscription> closing) {
    this.loop = loop;
    this.listener = listener;
    this.closing = closing;
  }

  /** Tells of the whole image: it is taken apart on the loop, as it is then. */
  void begin(ConfigImage image) {
    offer(new ConfigDelta(image.revision(), List.of(), List.of(), true), image);
  }

  void offer(ConfigDelta delta, ConfigImage image) {
    lock.lock();
    try {
      latest = image;
      if (begun) {
        delta.objects().forEach(objects::add);
        delta.allocations().forEach(allocations::add);
      }
      if (!waiting) {
        waiting = true;
        loop.execute(this::tell);
      }
    } finally {
      lock.unlock();
    }
  }

  private void tell() {
    if (closed) {
      return;
    }
    ConfigDelta delta;
    ConfigImage image;
    lock.lock();
    try {
      waiting = false;
      image = latest;
      if (image == null) {
        return;
      }
      delta = begun ? gathered(image.revision()) : whole(image);
      begun = true;
    } finally {
      lock.unlock();
    }
    if (delta.snapshot() || !delta.isEmpty()) {
      listener.changed(delta, image);
    }
  }

  private ConfigDelta gathered(long revision) {
    ConfigDelta delta =
        new ConfigDelta(
            revision,
            objects.build(revision).changes(),
            allocations.build(revision).changes(),
            false);
    objects = new Delta.Builder<>();
    allocations = new Delta.Builder<>();
    return delta;
  }

  private static ConfigDelta whole(ConfigImage image) {
    List<Change<UUID, ConfigObject>> objects = new ArrayList<>(image.size());
    image.forEachObject((uuid, object) -> objects.add(new Change.Put<>(uuid, null, object)));
    List<Change<AllocationKey, String>> allocations = new ArrayList<>();
    image.forEachAllocation((key, owner) -> allocations.add(new Change.Put<>(key, null, owner)));
    return new ConfigDelta(image.revision(), objects, allocations, true);
  }

  @Override
  public void close() {
    closed = true;
    closing.accept(this);
  }
}
