package weft.api;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weft.api.access.Access;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.access.Right;
import weft.config.ConfigDb;
import weft.config.ConfigFeed;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ObjectType;
import weft.state.Loop;
import weft.store.StoreException;

/**
 * Clients that follow the config by server-sent events.
 *
 * <p>Each has a feed of its own, whose loop is the thread of its connection. While that waits for a
 * slow client, the feed joins what changes: the client later hears of the latest state alone.
 */
final class Watches implements AutoCloseable {
  /** How long a client may go on with what it may no longer do. */
  private static final Duration RECHECK = Duration.ofSeconds(1);

  private static final String CONTENT_TYPE = "text/event-stream; charset=utf-8";
  private final ConfigDb db;
  private final AccessControl control;
  private final Duration keepAlive;
  private final Set<ConnectionLoop> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Watches(ConfigDb db, AccessControl control, Duration keepAlive) {
    this.db = db;
    this.control = control;
    this.keepAlive = keepAlive;
  }

  Response watch(Request request, Caller caller, Admission admission) {
    Map<ObjectType, WatchEvents.Fields> watched = watched(request);
    Watcher watcher = new Watcher(control, caller, admission, watched.keySet());
    Access _ = watcher.in(db.image());
    Hrefs hrefs = Hrefs.of(request);
    return Response.stream(
            CONTENT_TYPE, out -> follow(new WatchEvents(out, watched, hrefs, watcher::in), watcher))
        .withHeader("Cache-Control", "no-cache");
  }

  /**
   * Who watches, and whether he still may.
   *
   * @param admission who the request is from by now
   */
  private record Watcher(
      AccessControl control, Caller caller, Admission admission, Set<ObjectType> types) {

    /**
     * What he may read in a state of the config.
     *
     * @throws HttpError if the rules no longer grant him one of the types
     */
    Access in(ConfigImage image) {
      Access access = control.access(caller, image);
      types.forEach(type -> access.check(Right.READ, type.name()));
      return access;
    }

    /**
     * Demands that he would be let in now, as the same.
     *
     * @throws HttpError if not
     */
    void recheck(ConfigImage image) throws InterruptedException {
      if (!admission.again().equals(caller)) {
        throw new HttpError(401, "What you may do has changed");
      }
      Access _ = in(image);
    }
  }

  private static Map<ObjectType, WatchEvents.Fields> watched(Request request) {
    Set<String> names = ListQuery.names(request.query().first("resource_type"));
    if (names == null) {
      throw HttpError.badRequest("Bad Request, no resource_type in watch");
    }
    Map<ObjectType, WatchEvents.Fields> watched = new LinkedHashMap<>();
    for (String name : names) {
      ObjectType type = NameEndpoints.type(name);
      String fields = request.query().first(type.name().replace('-', '_') + "_fields");
      if (fields == null) {
        fields = request.query().first(type.name() + "_fields");
      }
      watched.put(type, new WatchEvents.Fields(ListQuery.names(fields)));
    }
    return watched;
  }

  private void follow(WatchEvents events, Watcher watcher)
      throws IOException, InterruptedException {
    ConnectionLoop loop = new ConnectionLoop();
    open.add(loop);
    if (closed) {
      loop.stop();
    }
    try (ConfigFeed _ = db.feed(loop, events::add)) {
      send(events, watcher, loop);
      events.stop(null);
    } catch (HttpError e) {
      events.stop(e.text());
    } catch (StoreException e) {
      events.stop(StoreAway.of(e).text());
    } finally {
      open.remove(loop);
    }
  }

  private void send(WatchEvents events, Watcher watcher, ConnectionLoop loop)
      throws IOException, InterruptedException {
    long checkedNs = loop.nowNs();
    while (!loop.stopped) {
      long recheckNs = checkedNs + RECHECK.toNanos() - loop.nowNs();
      Runnable task = loop.next(Math.min(recheckNs, keepAlive.toNanos() - events.quietNs()));
      if (recheckNs <= 0 || task == null) {
        watcher.recheck(db.image());
        checkedNs = loop.nowNs();
      }
      if (task != null) {
        task.run();
        events.send();
      } else if (events.quietNs() >= keepAlive.toNanos()) {
        events.keepAlive();
      }
    }
  }

  /** Tells all clients that this server stops. */
  @Override
  public void close() {
    closed = true;
    open.forEach(ConnectionLoop::stop);
  }

  /** The thread of a connection, as the loop of its feed. */
  private static final class ConnectionLoop implements Loop {
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Thread thread = Thread.currentThread();
    private volatile boolean stopped;

    void stop() {
      execute(() -> stopped = true);
    }

    @Nullable Runnable next(long timeoutNs) throws InterruptedException {
      return tasks.poll(timeoutNs, TimeUnit.NANOSECONDS);
    }

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      throw new UnsupportedOperationException("a connection has no timers");
    }

    @Override
    public long nowNs() {
      return System.nanoTime();
    }

    @Override
    public boolean inLoop() {
      return Thread.currentThread() == thread;
    }
  }
}
