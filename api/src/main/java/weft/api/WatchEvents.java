package weft.api;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Access;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.http.Json;
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
  private final Reader reader;
  private @Nullable ConfigDelta delta;
  private @Nullable ConfigImage image;
  private long writtenNs = System.nanoTime();

  /** What may be read in a state of the config. */
  @FunctionalInterface
  interface Reader {
    Access in(ConfigImage image);
  }

  /**
   * What of the objects of a type is shown.
   *
   * @param names null for all properties and references
   */
  record Fields(@Nullable Set<String> names) {}

  WatchEvents(OutputStream out, Map<ObjectType, Fields> watched, Hrefs hrefs, Reader reader) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    this.watched = watched;
    this.hrefs = hrefs;
    this.reader = reader;
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

  /**
   * The last event.
   *
   * @param reason why the client hears no more; null if the server stops
   */
  void stop(@Nullable String reason) throws IOException {
    ObjectNode data = Json.object();
    if (reason != null) {
      data.put("reason", reason);
    }
    event("stop", Json.bytes(data));
    flush();
  }

  /** One event a type; its objects are written one by one, as there may be many. */
  private boolean sendAll(ConfigImage config) throws IOException {
    Access access = reader.in(config);
    for (ObjectType type : watched.keySet()) {
      write("event: init\ndata: {\"" + type.plural() + "\":[");
      String comma = "";
      for (ConfigObject object : config.objects(type.name())) {
        if (access.reads(object)) {
          write(comma);
          out.write(item(object, config, access));
          comma = ",";
        }
      }
      write("]}\n\n");
    }
    return true;
  }

  /** Deletions first: the name of a deleted object may be that of a new one. */
  private boolean sendChanges(ConfigDelta changes, ConfigImage config) throws IOException {
    boolean written = false;
    Access access = reader.in(config);
    for (Change<?, ConfigObject> change : changes.objects()) {
      ConfigObject before = seen(change.before(), access);
      if (before != null && !stays(change, access)) {
        event("delete", item(before, config, access, NAMES_ONLY));
        written = true;
      }
    }
    for (Change<?, ConfigObject> change : changes.objects()) {
      if (change instanceof Change.Put<?, ConfigObject>(var _, var _, ConfigObject after)
          && seen(after, access) != null) {
        event(stays(change, access) ? "update" : "create", item(after, config, access));
        written = true;
      }
    }
    return written;
  }

  /** The object, if it is of a type that is watched and may be read. */
  private @Nullable ConfigObject seen(@Nullable ConfigObject object, Access access) {
    return object != null && watched.containsKey(object.type()) && access.reads(object)
        ? object
        : null;
  }

  /** Whether an object of the type was seen before and is now. */
  private boolean stays(Change<?, ConfigObject> change, Access access) {
    return change instanceof Change.Put<?, ConfigObject>(var _, var before, var after)
        && before != null
        && seen(before, access) != null
        && seen(after, access) != null
        && before.type() == after.type();
  }

  private byte[] item(ConfigObject object, ConfigImage config, Access access) {
    Fields fields = watched.get(object.type());
    return item(object, config, access, fields == null ? null : fields.names());
  }

  private byte[] item(
      ConfigObject object, ConfigImage config, Access access, @Nullable Set<String> fields) {
    JsonOutput item = new JsonOutput(ITEM_BYTES);
    new Renderer(config, hrefs, Renderer.View.watched(fields), access).writeWrapped(object, item);
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
