package weft.agent;

import java.io.IOException;
import java.io.Reader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.datapath.DatapathOptions;
import weft.net.Ipv4Address;
import weft.xmpp.TlsFiles;

/**
 * How one agent is set up, read from a properties file; a key that is not named here is refused.
 *
 * @param name `name`: this host's name, by which the control node knows the agent
 * @param underlayDevice `underlay.device`: the device that tunnels go through
 * @param underlayAddress `underlay.address`: this host's IPv4 address on it
 * @param controlNodes `control.servers`: comma-separated `host:port`, two of which are used at a
 *     time; port 5269 if left out
 * @param bpfDir `bpf.dir`: where the datapath's programs and tables are pinned
 * @param dataDir `data.dir`: ids and port files
 * @param introspection `introspection.address` and `introspection.port`
 * @param portApi `port.api.address` and `port.api.port`
 * @param flowTimeout `flow.timeout.seconds`: idle time after which a flow is forgotten
 * @param metadata `metadata.host`, `metadata.port`, `metadata.secret`: where requests to
 *     169.254.169.254:80 go unless the config names a service `metadata`, and the secret by which
 *     they are signed
 * @param dnsServers `dns.servers`: comma-separated `host:port` that guests' questions are passed on
 *     to, port 53 if left out; if empty, those of this host
 * @param controlTls `control.tls.certificate`, `.key`, `.ca`: sessions with control nodes go
 *     through TLS, and the certificate has this host's name; null for sessions in the clear
 * @param sessions `session.file` and `session.file.mib`: where flows that are over are recorded,
 *     and how long the file may be before it makes place for a new one; null if they are not
 */
public record AgentOptions(
    String name,
    String underlayDevice,
    Ipv4Address underlayAddress,
    List<InetSocketAddress> controlNodes,
    Path bpfDir,
    Path dataDir,
    InetSocketAddress introspection,
    InetSocketAddress portApi,
    Duration flowTimeout,
    Metadata metadata,
    List<InetSocketAddress> dnsServers,
    @Nullable TlsFiles controlTls,
    @Nullable SessionFile sessions,
    Tables tables) {
  private static final int XMPP_PORT = 5269;
  private static final int DNS_PORT = 53;

  /**
   * The metadata service of the cloud.
   *
   * @param host empty if the config names it, or there is none
   * @param secret shared with it; empty if requests are not signed
   */
  public record Metadata(String host, int port, String secret) {
    static final Metadata NONE = new Metadata("", 8775, "");

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** Without metadata. */
  public AgentOptions(
      String name,
      String underlayDevice,
      Ipv4Address underlayAddress,
      List<InetSocketAddress> controlNodes,
      Path bpfDir,
      Path dataDir,
      InetSocketAddress introspection,
      InetSocketAddress portApi,
      Duration flowTimeout) {
    this(
        name,
        underlayDevice,
        underlayAddress,
        controlNodes,
        bpfDir,
        dataDir,
        introspection,
        portApi,
        flowTimeout,
        Metadata.NONE,
        List.of(),
        null,
        null,
        Tables.USUAL);
  }

  /**
   * Sizes of tables in the kernel.
   *
   * @param flows entries of the flow table, two a flow
   * @param flowsPerPort of these for one port
   * @param routes unicast routes of all VRFs
   */
  public record Tables(int flows, int flowsPerPort, int routes) {
    static final Tables USUAL =
        new Tables(
            DatapathOptions.FLOW_TABLE_SIZE, DatapathOptions.FLOWS_PER_VIF, DatapathOptions.ROUTES);
  }

  DatapathOptions datapath() {
    return DatapathOptions.of(bpfDir, tables.flows(), tables.flowsPerPort(), tables.routes());
  }

  /**
   * Where sessions are recorded.
   *
   * @param most bytes of the file
   */
  public record SessionFile(Path path, long most) {}

  public AgentOptions {
    controlNodes = List.copyOf(controlNodes);
    dnsServers = List.copyOf(dnsServers);
    if (controlNodes.isEmpty()) {
      throw new IllegalArgumentException("control.servers: at least one control node is needed");
    }
  }

  /**
   * Reads a properties file.
   *
   * @throws IllegalArgumentException with a text for people, if a key is unknown, missing or its
   *     value is malformed
   */
  public static AgentOptions read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    return of(properties);
  }

  /** As {@link #read}, from properties already loaded. */
  public static AgentOptions of(Properties properties) {
    Values values = new Values(properties);
    String name = values.required("name");
    AgentOptions options =
        new AgentOptions(
            name,
            values.required("underlay.device"),
            values.ipv4("underlay.address"),
            values.addresses("control.servers", "127.0.0.1", XMPP_PORT),
            Path.of(values.text("bpf.dir", "/sys/fs/bpf/weft-" + name)),
            Path.of(values.text("data.dir", "/var/lib/weft/" + name)),
            values.address("introspection", "0.0.0.0", 8085),
            values.address("port.api", "127.0.0.1", 9091),
            values.seconds("flow.timeout.seconds", 180),
            new Metadata(
                values.text("metadata.host", ""),
                values.port("metadata.port", 8775),
                values.text("metadata.secret", "")),
            values.text("dns.servers", "").isEmpty()
                ? List.of()
                : values.addresses("dns.servers", "", DNS_PORT),
            values.tls("control.tls"),
            values.sessions(),
            new Tables(
                values.atLeast("flow.table.size", 2, Tables.USUAL.flows()),
                values.atLeast("flow.table.share", 2, Tables.USUAL.flowsPerPort()),
                values.atLeast("route.table.size", 1, Tables.USUAL.routes())));
    values.refuseOthers();
    return options;
  }

  /** Typed look-ups that remember which keys were asked for. */
  private static final class Values {
    private final Properties properties;
    private final TreeSet<String> known = new TreeSet<>();

    Values(Properties properties) {
      this.properties = properties;
    }

    private @Nullable String find(String key) {
      known.add(key);
      String value = properties.getProperty(key);
      return value == null || value.isBlank() ? null : value.trim();
    }

    String required(String key) {
      String value = find(key);
      if (value == null) {
        throw new IllegalArgumentException(key + " is missing");
      }
      return value;
    }

    String text(String key, String otherwise) {
      String value = find(key);
      return value == null ? otherwise : value;
    }

    /** All three files, or none. */
    @Nullable TlsFiles tls(String prefix) {
      String certificate = find(prefix + ".certificate");
      String key = find(prefix + ".key");
      String authority = find(prefix + ".ca");
      if (certificate == null && key == null && authority == null) {
        return null;
      }
      return new TlsFiles(
          Path.of(required(prefix + ".certificate")),
          Path.of(required(prefix + ".key")),
          Path.of(required(prefix + ".ca")));
    }

    @Nullable SessionFile sessions() {
      String path = find("session.file");
      int mib = atLeast("session.file.mib", 1, 64);
      return path == null ? null : new SessionFile(Path.of(path), (long) mib << 20);
    }

    Ipv4Address ipv4(String key) {
      try {
        return Ipv4Address.parse(required(key));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
      }
    }

    Duration seconds(String key, int otherwise) {
      return Duration.ofSeconds(atLeast(key, 1, otherwise));
    }

    int atLeast(String key, int least, int otherwise) {
      String value = text(key, Integer.toString(otherwise));
      int number = number(key, value);
      if (number < least) {
        throw new IllegalArgumentException(
            key + ": at least " + least + " is needed, not " + value);
      }
      return number;
    }

    InetSocketAddress address(String prefix, String address, int port) {
      String key = prefix + ".port";
      return new InetSocketAddress(
          text(prefix + ".address", address),
          inRange(key, number(key, text(key, Integer.toString(port)))));
    }

    int port(String key, int otherwise) {
      return inRange(key, number(key, text(key, Integer.toString(otherwise))));
    }

    List<InetSocketAddress> addresses(String key, String otherwise, int usual) {
      List<InetSocketAddress> all = new ArrayList<>();
      for (String one : text(key, otherwise).split(",")) {
        String text = one.trim();
        int colon = text.lastIndexOf(':');
        int port = colon < 0 ? usual : inRange(key, number(key, text.substring(colon + 1)));
        if (!text.isEmpty()) {
          all.add(new InetSocketAddress(colon < 0 ? text : text.substring(0, colon), port));
        }
      }
      return all;
    }

    private static int inRange(String key, int port) {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException(key + ": port " + port + " is not in 0..65535");
      }
      return port;
    }

    private static int number(String key, String text) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(key + ": '" + text + "' is not a number", e);
      }
    }

    void refuseOthers() {
      TreeSet<String> unknown = new TreeSet<>(properties.stringPropertyNames());
      unknown.removeAll(known);
      if (!unknown.isEmpty()) {
        throw new IllegalArgumentException(
            "unknown keys: " + String.join(", ", unknown) + "; known: " + String.join(", ", known));
      }
    }
  }
}
