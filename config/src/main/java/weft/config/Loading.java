package weft.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Page;
import weft.store.Snapshot;
import weft.store.StoreException;

/** Reads the whole config, on all processors. */
final class Loading {
  private static final int PAGE = 1000;

  private final Snapshot snapshot;

  private Loading(Snapshot snapshot) {
    this.snapshot = snapshot;
  }

  static Known of(Snapshot snapshot) {
    Loading loading = new Loading(snapshot);
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().name("config-loading-", 0).daemon(true).factory())) {
      Future<Allocations> allocations = threads.submit(loading::allocations);
      Future<Trie<UUID, Long>> guards = threads.submit(loading::guards);
      List<Future<List<ConfigObject>>> parts = new ArrayList<>();
      for (int digit = 0; digit < 16; digit++) {
        Key part = Layout.OBJECT.append(Integer.toHexString(digit));
        parts.add(threads.submit(() -> loading.objects(part)));
      }
      List<ConfigObject> objects = new ArrayList<>();
      for (Future<List<ConfigObject>> part : parts) {
        objects.addAll(got(part));
      }
      ConfigImage image =
          ConfigImage.whole(snapshot.revision(), objects, got(allocations).owners());
      return new Known(image, got(guards), got(allocations).revisions());
    }
  }

  private static <T> T got(Future<T> part) {
    try {
      return part.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted while the config was read", e);
    }
  }

  private void each(Key prefix, Consumer<Entry> action) {
    @Nullable Key after = null;
    while (true) {
      Page page = snapshot.scan(prefix, after, PAGE);
      page.entries().forEach(action);
      if (!page.more()) {
        return;
      }
      after = page.entries().getLast().key();
    }
  }

  private List<ConfigObject> objects(Key prefix) {
    List<ConfigObject> objects = new ArrayList<>();
    each(prefix, entry -> objects.add(Layout.object(entry)));
    return objects;
  }

  private Trie<UUID, Long> guards() {
    List<Object> slots = new ArrayList<>();
    each(
        Layout.GUARD,
        entry -> {
          slots.add(UUID.fromString(entry.key().after(Layout.GUARD)));
          slots.add(entry.modRevision());
        });
    return Trie.ofSlots(slots.toArray());
  }

  private record Allocations(
      Map<String, SortedMap<String, String>> owners, Trie<AllocationKey, Long> revisions) {}

  private Allocations allocations() {
    Map<String, SortedMap<String, String>> owners = new HashMap<>();
    List<Object> slots = new ArrayList<>();
    each(
        Layout.ALLOCATION,
        entry -> {
          if (Layout.name(entry.key()) instanceof Layout.Name.OfAllocation(AllocationKey key)) {
            owners
                .computeIfAbsent(key.pool(), first -> new TreeMap<>())
                .put(key.value(), entry.text());
            slots.add(key);
            slots.add(entry.modRevision());
          }
        });
    return new Allocations(owners, Trie.ofSlots(slots.toArray()));
  }
}
