package weft.api;

import java.util.ArrayList;
import java.util.List;
import weft.api.access.Access;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.access.Right;
import weft.config.ConfigDb;
import weft.http.HttpError;
import weft.http.Request;
import weft.http.Response;
import weft.http.Routes;
import weft.store.StoreException;

/** The routes of the API: who passes to which handler; each answer is counted. */
final class RouteTable {
  private final ConfigDb db;
  private final AccessControl control;
  private final Counters counters;
  private final List<Entry> entries = new ArrayList<>();

  /** Who is let through to a handler. */
  enum Gate {
    /** Anybody, also who is not known. */
    OPEN,
    /** Who is known and has a role. */
    KNOWN,
    /** Whom the rules grant the path, by its first part. */
    NAMED,
    /** Who is known; the handler asks the rules, by the types that the request is about. */
    INSIDE
  }

  private record Entry(String method, String pattern, Gate gate, Admission.Handler handler) {
    /** What rules call the path. */
    String name() {
      String name = pattern.substring(1).split("/", 2)[0];
      return name.isEmpty() ? "/" : name;
    }

    Right right() {
      Right right = Right.of(method);
      return right == null ? Right.UPDATE : right;
    }
  }

  RouteTable(ConfigDb db, AccessControl control, Counters counters) {
    this.db = db;
    this.control = control;
    this.counters = counters;
  }

  Counters counters() {
    return counters;
  }

  void get(String pattern, ApiHandler handler) {
    route("GET", pattern, handler);
  }

  void post(String pattern, ApiHandler handler) {
    route("POST", pattern, handler);
  }

  void route(String method, String pattern, ApiHandler handler) {
    route(method, pattern, Gate.NAMED, handler);
  }

  void route(String method, String pattern, Gate gate, ApiHandler handler) {
    entries.add(
        new Entry(method, pattern, gate, (request, caller, _) -> handler.handle(request, caller)));
  }

  /** A GET whose answer goes on. */
  void follow(String pattern, Admission.Handler handler) {
    entries.add(new Entry("GET", pattern, Gate.NAMED, handler));
  }

  /** `METHOD /pattern` of each. */
  List<String> calls() {
    return entries.stream().map(entry -> entry.method() + " " + entry.pattern()).toList();
  }

  /** All routes, for callers that are known in one way. */
  Routes build(Authentication authentication) {
    Routes.Builder routes = Routes.builder();
    for (Entry entry : entries) {
      routes.route(
          entry.method(), entry.pattern(), request -> answer(entry, authentication, request));
    }
    return routes.build();
  }

  private Response answer(Entry entry, Authentication authentication, Request request)
      throws Exception {
    long begunNs = System.nanoTime();
    try {
      Admission admission = () -> admitted(entry, authentication, request);
      Response response = entry.handler().handle(request, admission.again(), admission);
      counters.count(entry.method(), response.status(), System.nanoTime() - begunNs);
      return response;
    } catch (HttpError e) {
      counters.count(entry.method(), e.status(), System.nanoTime() - begunNs);
      if (e.status() == 401) {
        return Response.text(e.status(), e.text())
            .withHeader("WWW-Authenticate", authentication.challenge());
      }
      throw e;
    } catch (StoreException e) {
      HttpError away = StoreAway.of(e);
      counters.count(entry.method(), away.status(), System.nanoTime() - begunNs);
      throw away;
    }
  }

  private Caller admitted(Entry entry, Authentication authentication, Request request)
      throws InterruptedException {
    if (entry.gate() == Gate.OPEN) {
      return Caller.anyone(request.origin());
    }
    Caller caller = authentication.caller(request);
    if (!caller.admin() && entry.gate() != Gate.INSIDE) {
      Access access = control.access(caller, db.image());
      if (entry.gate() == Gate.KNOWN) {
        access.checkKnown();
      } else {
        access.check(entry.right(), entry.name());
      }
    }
    return caller;
  }
}
