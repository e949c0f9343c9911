package weft.lab.openstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import weft.lab.Command;
import weft.lab.LabException;

/** An OpenStack of Debian's packages on this machine, its network made by Weft. */
public final class OpenStack {
  private final Site site;
  private final Consumer<String> told;

  /**
   * @param told is told what goes on
   */
  public OpenStack(Site site, Consumer<String> told) {
    this.site = site;
    this.told = told;
  }

  /** Keystone, Weft's controller and Neutron: what serves the network API. */
  public void startNetworking() {
    Database database = new Database(site);
    Keystone keystone = new Keystone(site, database);
    step("database", database::start);
    step("Keystone", keystone::start);
    step(
        "users and services",
        () -> keystone.seed(List.of("neutron=network=" + site.url("neutron"))));
    step("Weft's controller", () -> new Controller(site).start(Site.ADDRESS, false));
    step("Neutron", () -> new Neutron(site, keystone).start(false));
  }

  /** All that boots virtual machines: Nova and what it needs, and two compute hosts, besides. */
  public void startAll() {
    Fabric fabric = new Fabric(site);
    Database database = new Database(site);
    Keystone keystone = new Keystone(site, database);
    Messaging messaging = new Messaging(site);
    Libvirt libvirt = new Libvirt(site);
    Placement placement = new Placement(site, database, keystone);
    Glance glance = new Glance(site, database, keystone);
    Nova nova = new Nova(site, database, keystone, messaging);
    step("underlay", fabric::lay);
    String address = Fabric.address();
    step("database", database::start);
    step("RabbitMQ", () -> messaging.start());
    step(
        "Keystone and databases",
        () ->
            together(
                keystone::start,
                () -> {
                  placement.prepare();
                  glance.prepare();
                },
                () -> nova.prepare(Fabric.FIRST, address)));
    step("libvirt", libvirt::start);
    step("users and services", () -> keystone.seed(services()));
    step(
        "services",
        () -> {
          Daemon[] started = {placement.start(), glance.start(), nova.start()};
          new Controller(site).start(address, true);
          fabric.register();
          fabric.start();
          new Neutron(site, keystone).start(true);
          for (Daemon each : started) {
            each.await(site.port(each.name().equals("nova-api") ? "nova" : each.name()));
          }
        });
    step(
        "compute",
        () -> {
          libvirt.await();
          nova.startCompute(libvirt);
          nova.awaitHost();
        });
    step("image and flavor", () -> Machines.prepare(site));
  }

  /** Tries all of it, machines too; a line for each thing. Returns whether everything worked. */
  public boolean check() {
    return Check.run(site, told);
  }

  private List<String> services() {
    return List.of(
        "neutron=network=" + site.url("neutron"),
        "placement=placement=" + site.url("placement"),
        "glance=image=" + site.url("glance"),
        "nova=compute=" + site.url("nova") + "/v2.1");
  }

  /** Runs all of them at the same time. */
  private static void together(Runnable... steps) {
    List<CompletableFuture<Void>> running =
        Stream.of(steps)
            .map(each -> CompletableFuture.runAsync(each, task -> Thread.ofVirtual().start(task)))
            .toList();
    try {
      running.forEach(CompletableFuture::join);
    } catch (CompletionException e) {
      throw e.getCause() instanceof LabException failure ? failure : e;
    }
  }

  /** Neutron with its own plugin ML2 and its own database, and no agents: to compare with. */
  public void startStock() {
    Database database = new Database(site);
    Keystone keystone = new Keystone(site, database);
    step("database", database::start);
    step("Keystone", keystone::start);
    step(
        "users and services",
        () -> keystone.seed(List.of("neutron=network=" + site.url("neutron"))));
    step("Neutron", () -> new Neutron(site, keystone).startStock(database));
  }

  private void step(String name, Runnable step) {
    long begin = System.nanoTime();
    step.run();
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    told.accept("%-22s %5.1f s".formatted(name, taken.toMillis() / 1000.0));
  }

  /** Ends everything and removes the files. */
  public void down() {
    Libvirt.endMachines(site);
    together(
        Daemon.all(site).stream().map(daemon -> (Runnable) daemon::stop).toArray(Runnable[]::new));
    new Fabric(site).remove();
    try (Stream<Path> files = Files.walk(site.directory())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line for each service. */
  public List<String> status() {
    return Daemon.all(site).reversed().stream()
        .map(daemon ->
            "%-16s %-6s %5d MiB"
                .formatted(daemon.name(), daemon.alive() ? "up" : "ENDED", daemon.memoryMib()))
        .toList();
  }

  /** What a service and all that it started have of the memory, in MiB. */
  public long memoryMib(String service) {
    return new Daemon(site, service).memoryMib();
  }

  /** Fails at once if a service has ended. */
  public void checkAlive() {
    for (Daemon daemon : Daemon.all(site)) {
      daemon.checkAlive();
    }
  }

  /** The controller dies at once, and is started again. */
  public void restartController() {
    new Daemon(site, Controller.NAME).kill();
    new Controller(site).start(Site.ADDRESS, false);
  }

  /** Runs a program of `openstack/` as the cloud's administrator. @return its output */
  public String python(String program, Duration limit, String... arguments) {
    List<String> command = new ArrayList<>(List.of("env", "PYTHONDONTWRITEBYTECODE=1"));
    variables().forEach((name, value) -> command.add(name + "=" + value));
    command.add("/usr/bin/python3");
    command.add(site.packages().resolve(program).toString());
    command.addAll(List.of(arguments));
    return Command.run(command, limit).orThrow();
  }

  /** Tempest, to judge it. */
  public Tempest tempest() {
    return new Tempest(site, variables());
  }

  /** What a shell needs to use it: lines to source. */
  public String environment() {
    StringBuilder lines = new StringBuilder();
    variables().forEach((name, value) -> lines.append("export %s=%s%n".formatted(name, value)));
    return lines.toString();
  }

  /** What a program needs in its environment to use it. */
  public SortedMap<String, String> variables() {
    return new TreeMap<>(
        Map.of(
            "OS_AUTH_URL", site.url("keystone") + "/v3",
            "OS_USERNAME", "admin",
            "OS_PASSWORD", Keystone.PASSWORD,
            "OS_PROJECT_NAME", "admin",
            "OS_USER_DOMAIN_NAME", "Default",
            "OS_PROJECT_DOMAIN_NAME", "Default",
            "OS_IDENTITY_API_VERSION", "3",
            "OS_REGION_NAME", "RegionOne"));
  }

  /** What may be done with it. */
  public String toTry() {
    return """
    To try:
      openstack network create web
      openstack subnet create --network web --subnet-range 10.0.1.0/24 web
      openstack server create --image %1$s --flavor %2$s --network web --wait one
      openstack console log show one
      %3$s list
      weft lab openstack --check
    """
        .formatted(Machines.IMAGE, Machines.FLAVOR, new Libvirt(site).command());
  }
}
