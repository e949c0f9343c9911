package weft.api;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;
import weft.schema.ObjectType;
import weft.state.Change;

/**
 * Writes what happens to the objects of some types as server-sent events.
 *
 * <p>Used by the thread of one connection alone.
 */
final class WatchEvents {
  private static final int BUFFER_BYTES = 16_384;
  private static final int ITEM_BYTES = 4096;
  private static final Set<String> NAMES_ONLY = Set.of();

  private final OutputStream out;
  private final Map<ObjectType, Fields> watched;
  private final Hrefs hrefs;
  private @Nullable ConfigDelta delta;
  private @Nullable ConfigImage image;
  private long writtenNs = System.nanoTime();

  /**
   * What of the objects of a type is shown.
   *
   * @param names null for all properties and references
   */
  record Fields(@Nullable Set<String> names) {}

  WatchEvents(OutputStream out, Map<ObjectType, Fields> watched, Hrefs hrefs) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    this.watched = watched;
    this.hrefs = hrefs;
  }

  /** How long nothing has been written. */
  long quietNs() {
    return System.nanoTime() - writtenNs;
  }

  /** Takes what is to be sent next. */
  void add(ConfigDelta change, ConfigImage reached) {
    delta = change;
    image = reached;
  }

  /** Sends what was added; blocks as long as the client does not read. */
  void send() throws IOException {
    if (delta == null || image == null) {
      return;
    }
    boolean written = delta.snapshot() ? sendAll(image) : sendChanges(delta, image);
    delta = null;
    image = null;
    if (written) {
      flush();
    }
  }

  void keepAlive() throws IOException {
    write(":\n\n");
    flush();
  }

  void stop() throws IOException {
    write("event: stop\ndata: {}\n\n");
    flush();
  }

  /** One event a type; its objects are written one by one, as there may be many. */
  private boolean sendAll(ConfigImage config) throws IOException {
    for (ObjectType type : watched.keySet()) {
      write("event: init\ndata: {\"" + type.plural() + "\":[");
      String comma = "";
      for (ConfigObject object : config.objects(type.name())) {
        write(comma);
        out.write(item(object, config));
        comma = ",";
      }
      write("]}\n\n");
    }
    return true;
  }

  /** Deletions first: the name of a deleted object may be that of a new one. */
  private boolean sendChanges(ConfigDelta changes, ConfigImage config) throws IOException {
    boolean written = false;
    for (Change<?, ConfigObject> change : changes.objects()) {
      ConfigObject before = change.before();
      if (before != null && watched.containsKey(before.type()) && !stays(change)) {
        event("delete", item(before, config, NAMES_ONLY));
        written = true;
      }
    }
    for (Change<?, ConfigObject> change : changes.objects()) {
      if (change instanceof Change.Put<?, ConfigObject>(var _, var _, ConfigObject after)
          && watched.containsKey(after.type())) {
        event(stays(change) ? "update" : "create", item(after, config));
        written = true;
      }
    }
    return written;
  }

  /** Whether an object of the type was there before and is now. */
  private static boolean stays(Change<?, ConfigObject> change) {
    return change instanceof Change.Put<?, ConfigObject>(var _, var before, var after)
        && before != null
        && before.type() == after.type();
  }

  private byte[] item(ConfigObject object, ConfigImage config) {
    Fields fields = watched.get(object.type());
    return item(object, config, fields == null ? null : fields.names());
  }

  private byte[] item(ConfigObject object, ConfigImage config, @Nullable Set<String> fields) {
    JsonOutput item = new JsonOutput(ITEM_BYTES);
    new Renderer(config, hrefs, Renderer.View.watched(fields)).writeWrapped(object, item);
    return item.toBytes();
  }

  private void event(String name, byte[] data) throws IOException {
    write("event: " + name + "\ndata: ");
    out.write(data);
    write("\n\n");
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private void flush() throws IOException {
    out.flush();
    writtenNs = System.nanoTime();
  }
}
