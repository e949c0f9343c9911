package weft.lab.openstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Where an OpenStack of the lab lies and listens: a directory, and a loopback port for each
 * service, kept in a file there.
 */
public final class Site {
  static final String ADDRESS = "127.0.0.1";

  private static final String FILE = "ports.properties";

  /** The ports that people know. One that is taken is replaced by a free one. */
  private static final Map<String, Integer> USUAL =
      Map.ofEntries(
          Map.entry("mysql", 13306),
          Map.entry("keystone", 5000),
          Map.entry("neutron", 9696),
          Map.entry("api", 8082),
          Map.entry("control", 8083),
          Map.entry("status", 8087),
          Map.entry("xmpp", 5269),
          Map.entry("bgp", 179),
          Map.entry("rabbit", 15673),
          Map.entry("rabbit-distribution", 25673),
          Map.entry("rabbit-names", 14369),
          Map.entry("ports", 9091),
          Map.entry("vrouter", 8085),
          Map.entry("glance", 9292),
          Map.entry("placement", 8778),
          Map.entry("nova", 8774),
          Map.entry("metadata", 8775));

  private final Path directory;
  private final Path source;
  private final Map<String, Integer> ports;

  private Site(Path directory, Path source, Map<String, Integer> ports) {
    this.directory = directory;
    this.source = source;
    this.ports = ports;
  }

  /**
   * A new site.
   *
   * @param source the tree that has the directory `openstack`
   * @param usual whether the usual ports are wanted
   */
  public static Site create(Path directory, Path source, boolean usual) {
    try {
      Files.createDirectories(directory);
      Map<String, Integer> ports = new TreeMap<>();
      Properties saved = new Properties();
      for (Map.Entry<String, Integer> entry : USUAL.entrySet()) {
        int port = usual && free(entry.getValue()) ? entry.getValue() : anyFree(ports);
        ports.put(entry.getKey(), port);
        saved.setProperty(entry.getKey(), Integer.toString(port));
      }
      try (var out = Files.newBufferedWriter(directory.resolve(FILE))) {
        saved.store(out, null);
      }
      return new Site(directory, source, ports);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The site in `directory`. */
  public static Site open(Path directory, Path source) {
    Properties saved = new Properties();
    try (var in = Files.newBufferedReader(directory.resolve(FILE))) {
      saved.load(in);
    } catch (IOException e) {
      throw new weft.lab.LabException("no OpenStack is up in " + directory);
    }
    Map<String, Integer> ports = new TreeMap<>();
    saved.forEach((name, port) -> ports.put(name.toString(), Integer.valueOf(port.toString())));
    return new Site(directory, source, ports);
  }

  public static boolean exists(Path directory) {
    return Files.exists(directory.resolve(FILE));
  }

  private static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** Above the range that the kernel gives to clients there may be none; within it one may go. */
  private static int anyFree(Map<String, Integer> taken) throws IOException {
    while (true) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (!taken.containsValue(socket.getLocalPort())) {
          return socket.getLocalPort();
        }
      }
    }
  }

  public Path directory() {
    return directory;
  }

  /** The Python packages and templates of Weft. */
  Path packages() {
    return source.resolve("openstack");
  }

  /**
   * The search path of programs that load Weft's packages as plugins, which they find by what would
   * be there if the packages had been installed.
   */
  String python() {
    write(
        "python/networking_weft-0.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: networking-weft\nVersion: 0\n");
    write(
        "python/networking_weft-0.dist-info/entry_points.txt",
        "[os_vif]\nvrouter = networking_weft.osvif:WeftVifPlugin\n");
    return directory("python") + ":" + packages();
  }

  int port(String service) {
    Integer port = ports.get(service);
    if (port == null) {
      throw new IllegalArgumentException(service);
    }
    return port;
  }

  public String url(String service) {
    return "http://" + ADDRESS + ":" + port(service);
  }

  /** A directory of the site, made if it is not there. */
  Path directory(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file of the site. */
  Path write(String name, String content) {
    Path file = directory.resolve(name);
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path log(String service) {
    return directory("log").resolve(service + ".log");
  }
}
