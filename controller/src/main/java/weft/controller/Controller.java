package weft.controller;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.api.ApiServer;
import weft.api.IdentityService;
import weft.config.ConfigDb;
import weft.config.Restore;
import weft.control.ControlNode;
import weft.control.ControlOptions;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.keystone.Keystone;
import weft.keystone.KeystoneOptions;
import weft.neutron.NeutronApi;
import weft.neutron.Plugging;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.store.Leadership;

/** A running controller: the store, and the roles that share it. */
public final class Controller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

  private record Part(String name, AutoCloseable handle) {}

  private final Deque<Part> parts = new ArrayDeque<>();
  private @Nullable ControlNode control;
  private OptionalInt apiPort = OptionalInt.empty();
  private OptionalInt adminPort = OptionalInt.empty();
  private OptionalInt statusPort = OptionalInt.empty();
  private boolean closed;

  private Controller() {}

  /**
   * Starts the store and the roles chosen, and returns once all of them answer.
   *
   * @throws IOException if an address cannot be bound
   * @throws weft.store.StoreException if the store cannot be opened
   */
  public static Controller start(ControllerOptions options, FaultHandler faults)
      throws IOException {
    Controller controller = new Controller();
    try {
      controller.wire(options, faults);
      return controller;
    } catch (IOException | RuntimeException e) {
      controller.close();
      throw e;
    }
  }

  /** What starts first is needed by what follows, and is closed last. */
  private void wire(ControllerOptions options, FaultHandler faults) throws IOException {
    Set<Role> roles = options.roles();
    EventLoop clock = own("clock", EventLoop.start("store-clock", faults));
    MeasuredStore store = own("store", new MeasuredStore(options.store().open(clock)));
    Restore.finish(store);
    ConfigDb db = own("config", ConfigDb.open(store, faults));
    CompilerRole compiler = null;
    Leadership leadership = null;
    if (roles.contains(Role.COMPILER)) {
      EventLoop loop = own("compiler loop", EventLoop.start("compiler", faults));
      compiler =
          own(
              "compiler",
              CompilerRole.standingBy(options.compiler(), db, loop, InstantSource.system()));
      EventLoop seat = own("leadership loop", EventLoop.start("leadership", faults));
      leadership =
          own(
              "leadership",
              Leadership.seek(
                  store,
                  seat,
                  Role.COMPILER.toString(),
                  options.name(),
                  options.lease(),
                  compiler));
    }
    KeystoneOptions asked = options.keystone();
    Keystone keystone = asked == null ? null : own("Keystone", keystone(asked));
    if (roles.contains(Role.CONTROL)) {
      NovaEvents nova =
          options.nova() == null || asked == null || keystone == null
              ? null
              : own("Nova", NovaEvents.start(options.nova(), asked, keystone, db));
      Consumer<UUID> portUp = nova == null ? _ -> {} : nova::plugged;
      control = own("control node", ControlNode.start(controlOptions(options), db, faults, portUp));
    }
    if (roles.contains(Role.API)) {
      // The last of the roles: who finds the API finds the rest behind it.
      ApiServer api =
          own(
              "config API",
              ApiServer.start(
                  options.api(),
                  db,
                  store,
                  identities(options, keystone),
                  new NeutronApi(plugging(options))));
      adminPort = api.adminPort();
      apiPort = OptionalInt.of(api.port());
    }
    StatusRoutes status = new StatusRoutes(options, store, db, compiler, leadership);
    HttpServer server =
        own(
            "status",
            HttpServer.start(
                new HttpOptions(options.status().address(), options.status().port())
                    .withLimits(options.control().limits().http()),
                status.routes()));
    statusPort = OptionalInt.of(server.port());
    LOG.info("{} runs {}, store {}", options.name(), new TreeSet<>(roles), options.store());
  }

  /** An embedded store has one controller, so what its control node knows is all there is. */
  private Plugging plugging(ControllerOptions options) {
    ControlNode node = control;
    return node == null
        ? Plugging.UNKNOWN
        : new Hosts(node, options.store() instanceof StoreOptions.Embedded);
  }

  private static @Nullable IdentityService identities(
      ControllerOptions options, @Nullable Keystone keystone) {
    return keystone == null || options.keystone() == null
        ? null
        : new KeystoneIdentities(keystone, options.keystone().url().toString());
  }

  private static Keystone keystone(KeystoneOptions options) throws IOException {
    try {
      return new Keystone(options, InstantSource.system());
    } catch (IOException e) {
      throw new IOException("keystone.tls.ca: " + e.getMessage(), e);
    }
  }

  private <T extends AutoCloseable> T own(String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  private static ControlOptions controlOptions(ControllerOptions options) {
    ControllerOptions.Control it = options.control();
    return new ControlOptions(
        options.name(),
        it.address(),
        new ControlOptions.Listen(
            listen(it, it.xmppPort()),
            listen(it, it.bgpPort()),
            new HttpOptions(it.introspection().address(), it.introspection().port())),
        it.times(),
        it.tls(),
        it.limits());
  }

  private static List<InetSocketAddress> listen(ControllerOptions.Control control, int port) {
    Set<String> addresses = new TreeSet<>(List.of(control.address().toString(), "127.0.0.1"));
    return addresses.stream().map(address -> new InetSocketAddress(address, port)).toList();
  }

  /** The port of the local administrator, if there is one. */
  public OptionalInt adminPort() {
    return adminPort;
  }

  /** The port of the config API, if it runs here. */
  public OptionalInt apiPort() {
    return apiPort;
  }

  /** The port that tells how the controller is doing. */
  public OptionalInt statusPort() {
    return statusPort;
  }

  /** The control node, if it runs here. */
  public @Nullable ControlNode control() {
    return control;
  }

  /** Ends the roles and then the store; agents keep forwarding. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (Part part : parts) {
      try {
        part.handle().close();
      } catch (Exception e) {
        // The rest still has to be closed, the store above all.
        LOG.warn("{} did not close: {}", part.name(), e.toString());
      }
    }
  }
}
