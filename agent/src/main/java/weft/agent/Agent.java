package weft.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.core.AgentCore;
import weft.agent.core.Event;
import weft.agent.core.Port;
import weft.agent.core.Wanted.LinkLocal;
import weft.agent.health.HealthChecks;
import weft.agent.liveness.Liveness;
import weft.datapath.Ageing;
import weft.datapath.DatapathException;
import weft.http.HttpServer;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.state.Change;
import weft.state.Delta;
import weft.state.EventLoop;
import weft.state.FaultHandler;

/** The vRouter agent of one host: from configuration and routes to forwarding tables. */
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration DEVICES = Duration.ofMillis(500);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration ASKING = Duration.ofSeconds(5);
  private static final Duration ADVERTISING = Duration.ofSeconds(30);

  private final AgentOptions options;
  private final EventLoop loop;
  private final DataLock dataLock;
  private final IdFile idFile;
  private final SavedConfig savedConfig;
  private final Disk disk;
  private final Forwarding forwarding;
  private final DropWatch dropWatch;
  private final DeviceWatch devices;
  private final FlowAgeing flows;
  private final AgentCore core;
  private final Programmer programmer;
  private final ControlPlane control;
  private final Ports ports;
  private final Traps traps;
  private final MacWatch macs;
  private final Announcer announcer;
  private final LoopCalls calls;
  private final Services services;
  private final HealthChecks health;
  private final Tunnels tunnels = new Tunnels();
  private final Liveness liveness;
  private final @Nullable SessionLog sessions;
  private final long startedNs = System.nanoTime();
  private boolean settlePending;
  private boolean closed;

  private HttpServer introspection;
  private HttpServer portApi;

  /** What the agent works on: the kernel, or a test's stand-in. */
  record World(
      Supplier<Forwarding> forwarding, Devices devices, ControlChannel.Patience patience) {}

  @SuppressWarnings("NullAway.Init") // servers follow in begin(), before anyone sees it
  private Agent(AgentOptions options, World world, DataLock dataLock, FaultHandler faults)
      throws IOException {
    this.options = options;
    this.loop = EventLoop.start("agent", faults);
    this.dataLock = dataLock;
    this.forwarding = world.forwarding().get();
    this.devices = new DeviceWatch(world.devices(), options.underlayDevice(), loop, faults);
    this.idFile = IdFile.open(options.dataDir().resolve("ids"), loop.nowNs());
    this.core = new AgentCore(idFile.ids(), metadata(options.metadata()));
    this.calls = new LoopCalls(loop, this::settle);
    Resolver resolver = new Resolver(options.dnsServers(), Path.of("/etc/resolv.conf"));
    DnsAnswers dns = new DnsAnswers(loop, core, resolver);
    this.services =
        new Services(
            options.metadata().secret(),
            new DnsConnections(calls, core, dns, resolver),
            new GuestBook(calls, core),
            this::happened);
    AgentOptions.SessionFile file = options.sessions();
    this.sessions = file == null ? null : new SessionLog(file.path(), file.most(), core);
    this.flows =
        new FlowAgeing(
            forwarding,
            Ageing.of(options.flowTimeout()),
            loop,
            sessions == null ? null : sessions::ended,
            faults);
    this.programmer = new Programmer(forwarding, flows::soon);
    this.control = new ControlPlane(options, loop, new Learned(), world.patience());
    this.savedConfig =
        new SavedConfig(
            new ConfigFile(options.dataDir().resolve("config")),
            core,
            loop,
            control::configComplete);
    this.disk = new Disk(options.dataDir(), idFile, savedConfig);
    this.ports =
        new Ports(
            new PortFiles(options.dataDir().resolve("ports")), world.devices(), this::happened);
    this.dropWatch = new DropWatch(forwarding);
    this.health = new HealthChecks(new HealthWay(loop, forwarding), this::happened);
    this.liveness = new Liveness(options.underlayAddress(), this::silent);
    this.macs = new MacWatch(core, forwarding, this::happened);
    this.traps = new Traps(loop, core, forwarding, dns, health, macs, this::happened);
    this.announcer = new Announcer(core, forwarding, loop.nowNs());
  }

  /**
   * Starts the agent and returns once its HTTP ports listen and the datapath is attached. It runs
   * until it is closed.
   *
   * @throws IOException if a file or port of its own cannot be used
   */
  public static Agent start(AgentOptions options) throws IOException {
    return start(
        options,
        new World(
            () -> Forwarding.open(options.datapath()),
            Devices.ofKernel(),
            ControlChannel.Patience.DEFAULT),
        (where, cause) -> {
          LOG.error("fault in {}", where, cause);
          Runtime.getRuntime().halt(70);
        });
  }

  static Agent start(AgentOptions options, World world, FaultHandler faults) throws IOException {
    DataLock dataLock = DataLock.take(options.dataDir());
    Agent agent = new Agent(options, world, dataLock, faults);
    try {
      agent.begin();
    } catch (IOException e) {
      agent.close();
      throw e;
    }
    return agent;
  }

  private static @Nullable LinkLocal metadata(AgentOptions.Metadata metadata) {
    return metadata.host().isEmpty()
        ? null
        : new LinkLocal(
            LinkLocal.METADATA,
            Ipv4Address.parse("169.254.169.254"),
            80,
            List.of(metadata.host()),
            metadata.port());
  }

  private void begin() throws IOException {
    if (idFile.skipped() > 0) {
      LOG.warn("{} lines of the file of ids could not be read", idFile.skipped());
    }
    onLoop(() -> {
      found(devices.see(Set.of()));
      for (String unreadable : ports.restore()) {
        LOG.warn("port file {}", unreadable);
      }
      savedConfig.start();
      settle();
      return true;
    });
    traps.listen();
    introspection =
        new Introspection(
                calls,
                new Introspection.Sources(
                    options,
                    core,
                    forwarding,
                    programmer,
                    control,
                    traps,
                    dropWatch,
                    health,
                    liveness,
                    sessions,
                    disk,
                    startedNs))
            .listen(options.introspection());
    portApi =
        new PortApi(calls, ports, core, new PacketCapture(calls, forwarding))
            .listen(options.portApi());
    control.start(options);
    loop.schedule(DEVICES, this::watchDevices);
    flows.start();
    loop.schedule(RETRY, this::retry);
    loop.schedule(ADVERTISING, this::advertise);
    loop.schedule(ASKING, this::askForOwners);
    loop.schedule(MacWatch.LOOK, this::lookAtMacs);
    LOG.info(
        "agent {} on {} {}, {} ports",
        options.name(),
        options.underlayDevice(),
        options.underlayAddress(),
        core.ports().size());
  }

  private interface Work {
    boolean run() throws IOException;
  }

  private void onLoop(Work work) throws IOException {
    FutureTask<Boolean> task = new FutureTask<>(work::run);
    loop.execute(task);
    try {
      boolean _ = task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What the control nodes bring, told on the loop. */
  private final class Learned implements ControlPlane.Owner {
    @Override
    public void happened(Event event) {
      Agent.this.happened(event);
    }

    @Override
    public boolean portsConfigured() {
      settle();
      return core.ports().stream()
          .noneMatch(port -> core.state(port) == Port.State.NO_CONFIG || !core.isTold(port));
    }

    @Override
    public void learned() {
      settle();
      macs.remember();
      settle();
      programmer.settled();
      core.releaseUnusedNames();
      settle();
      LOG.info("all config and routes of the sessions are here");
    }
  }

  /** Takes note of an event; events that come together are settled together. */
  private void happened(Event event) {
    core.on(event);
    if (!settlePending) {
      settlePending = true;
      loop.execute(this::settle);
    }
  }

  /** Brings everything outside to what the core now says. Ids are written down first. */
  private void settle() {
    settlePending = false;
    AgentCore.Output output = core.settle(loop.nowNs());
    idFile.flush();
    programmer.desire(output.tables());
    programmer.flush();
    if (!programmer.relearning()) {
      announcer.changed(output.tables(), loop.nowNs());
    }
    welcome(output.ports());
    control.desire(output);
    services.follow(core.global().services());
    health.follow(core.checked());
    flows.follow(core.global().flowAges());
    if (tunnels.note(output.tables())) {
      liveness.follow(tunnels.hosts());
    }
  }

  /** A guest that was there before its port asks for a router three times, and then never again. */
  private void welcome(Delta<UUID, Boolean> ports) {
    for (Change<UUID, Boolean> change : ports.changes()) {
      if (change instanceof Change.Put<UUID, Boolean> put) {
        traps.advertise(put.key());
      }
    }
  }

  private void found(DeviceWatch.Seen seen) {
    int ifindex = seen.index(options.underlayDevice());
    MacAddress mac = seen.underlay();
    if (ifindex != 0 && mac != null) {
      happened(
          new Event.FabricFound(options.underlayDevice(), ifindex, mac, options.underlayAddress()));
    }
  }

  private void watchDevices() {
    dropWatch.tick(System.nanoTime());
    devices.look(
        ports.deviceNames(),
        seen -> {
          ports.follow(seen);
          found(seen);
        });
    loop.schedule(DEVICES, this::watchDevices);
  }

  /** Is called on the thread of liveness. */
  private void silent(Ipv4Address host, boolean silent) {
    try {
      forwarding.silent(host, silent);
    } catch (DatapathException e) {
      LOG.warn("host {} cannot be passed over: {}", host, e.getMessage());
    }
  }

  private void lookAtMacs() {
    macs.look();
    loop.schedule(MacWatch.LOOK, this::lookAtMacs);
  }

  private void askForOwners() {
    traps.askForOwners();
    loop.schedule(ASKING, this::askForOwners);
  }

  private void advertise() {
    traps.advertise();
    loop.schedule(ADVERTISING, this::advertise);
  }

  /** What the kernel refused is tried again. */
  private void retry() {
    if (!programmer.failures().isEmpty()) {
      settle();
    }
    services.retry();
    forwarding.tidy();
    idFile.flush();
    disk.look();
    loop.schedule(RETRY, this::retry);
  }

  public AgentOptions options() {
    return options;
  }

  /** The ports that were given for port 0. */
  int introspectionPort() {
    return introspection.port();
  }

  int portApiPort() {
    return portApi.port();
  }

  /** Stops the agent. Forwarding goes on with what is programmed. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (AutoCloseable each :
        List.of(
            this::closeServers,
            services,
            loop,
            flows,
            devices,
            liveness,
            this::closeSessions,
            forwarding,
            idFile,
            dataLock)) {
      try {
        each.close();
      } catch (Exception e) {
        LOG.warn("while closing: {}", e.toString());
      }
    }
  }

  private void closeServers() {
    if (portApi != null) {
      portApi.close();
    }
    if (introspection != null) {
      introspection.close();
    }
    control.close();
  }

  private void closeSessions() {
    if (sessions != null) {
      sessions.close();
    }
  }
}
