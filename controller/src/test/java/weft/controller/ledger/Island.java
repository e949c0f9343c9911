package weft.controller.ledger;

import java.util.ArrayList;
import java.util.List;
import weft.lab.Command;
import weft.lab.Namespace;
import weft.testkit.EtcdCluster;

/** A network of a few hosts and this one, of whom each can be cut off from the other hosts. */
public final class Island implements AutoCloseable {
  private final String bridge;
  private final String subnet;
  private final List<Namespace> hosts = new ArrayList<>();

  private Island(long id) {
    this.bridge = "wi" + id;
    this.subnet = "10." + (128 + id % 100) + "." + id / 100 % 250 + ".";
  }

  public static Island of(int size) {
    Island island = new Island(ProcessHandle.current().pid() % 25_000);
    try {
      Command.run("ip", "link", "add", island.bridge, "type", "bridge").orThrow();
      Command.run("ip", "addr", "add", island.subnet + "1/24", "dev", island.bridge).orThrow();
      Command.run("ip", "link", "set", island.bridge, "up").orThrow();
      for (int i = 0; i < size; i++) {
        island.addHost(i);
      }
      return island;
    } catch (RuntimeException e) {
      island.close();
      throw e;
    }
  }

  private void addHost(int index) {
    Namespace host = Namespace.create(bridge + "-" + index);
    hosts.add(host);
    String near = bridge + "h" + index;
    Command.run(
            "ip", "link", "add", near, "type", "veth", "peer", "name", "eth0", "netns", host.name())
        .orThrow();
    Command.run("ip", "link", "set", near, "master", bridge, "up").orThrow();
    host.ip("addr add " + address(index) + "/24 dev eth0");
    host.ip("link set eth0 up");
  }

  private String address(int index) {
    return subnet + (10 + index);
  }

  public List<EtcdCluster.Place> places() {
    List<EtcdCluster.Place> places = new ArrayList<>();
    for (int i = 0; i < hosts.size(); i++) {
      places.add(new EtcdCluster.Place(address(i), hosts.get(i).prefix()));
    }
    return places;
  }

  /** Lets a host and the others no longer reach each other; this machine reaches all. */
  public void isolate(int index) {
    routes("add", index);
  }

  public void join(int index) {
    routes("del", index);
  }

  private void routes(String verb, int index) {
    for (int i = 0; i < hosts.size(); i++) {
      if (i != index) {
        hosts.get(index).ip("route " + verb + " blackhole " + address(i) + "/32");
      }
    }
  }

  @Override
  public void close() {
    hosts.forEach(Namespace::close);
    Command.run("ip", "link", "delete", bridge);
  }
}
