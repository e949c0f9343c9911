package weft.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** `weft capture`: what passes the vifs of this host, as pcap. */
@CommandLine.Command(
    name = "capture",
    mixinStandardHelpOptions = true,
    description = {
      "Writes what passes interfaces of this host's vRouter, as pcap: what guests send as the"
          + " vRouter gets it, what goes to them as it has written it.",
      "It asks the vRouter by its port API, which answers this host's own users alone."
    })
final class CaptureCommand implements Callable<Integer> {
  private static final int CONNECT_MILLIS = 3000;
  private static final int BUFFER = 1 << 16;

  @CommandLine.Option(
      names = "--vif",
      paramLabel = "NAME",
      description =
          "Number, device or port of an interface; the underlay's shows tunnels (default: those of"
              + " all guests).")
  private @Nullable String vif;

  @CommandLine.Option(
      names = "--host",
      paramLabel = "IP",
      description = "Only packets from or to it; also within tunnels.")
  private @Nullable String host;

  @CommandLine.Option(
      names = "--peer",
      paramLabel = "IP",
      description = "Only packets from or to it: with --host, those between the two.")
  private @Nullable String peer;

  @CommandLine.Option(names = "--proto", paramLabel = "icmp|tcp|udp|NUMBER")
  private @Nullable String protocol;

  @CommandLine.Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Only packets from or to this port.")
  private @Nullable Integer port;

  @CommandLine.Option(
      names = {"-c", "--count"},
      paramLabel = "PACKETS",
      description = "Ends after so many.")
  private @Nullable Integer count;

  @CommandLine.Option(
      names = "--for",
      paramLabel = "SECONDS",
      description = "Ends after so long, at most and by default 3600.")
  private @Nullable Integer seconds;

  @CommandLine.Option(
      names = "--bytes",
      paramLabel = "BYTES",
      description = "Only so much of each packet (default: all).")
  private @Nullable Integer bytes;

  @CommandLine.Option(
      names = {"-w", "--write"},
      paramLabel = "FILE",
      description = "Where to (default: standard output).")
  private String file = "-";

  @CommandLine.Option(
      names = "--agent",
      paramLabel = "URL",
      description = "The port API of the vRouter (default: ${DEFAULT-VALUE}).",
      defaultValue = "http://127.0.0.1:9091")
  private String agent = "";

  @Override
  public Integer call() throws IOException {
    HttpURLConnection connection = open();
    int status;
    try {
      status = connection.getResponseCode();
    } catch (IOException e) {
      throw new Failure("cannot reach the vRouter's port API at " + agent + ": " + e.getMessage());
    }
    if (status != HttpURLConnection.HTTP_OK) {
      throw new Failure(agent + ": " + text(connection.getErrorStream()));
    }
    try (InputStream in = connection.getInputStream()) {
      if (file.equals("-")) {
        copy(in, System.out);
      } else {
        try (OutputStream out = new FileOutputStream(file)) {
          copy(in, out);
        }
      }
    }
    return 0;
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
      out.flush();
    }
  }

  private HttpURLConnection open() throws IOException {
    List<String> query = new ArrayList<>();
    add(query, "vif", vif);
    add(query, "host", host);
    add(query, "peer", peer);
    add(query, "protocol", protocol);
    add(query, "port", port);
    add(query, "count", count);
    add(query, "seconds", seconds);
    add(query, "bytes", bytes);
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create(agent + "/capture?" + String.join("&", query)).toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    return connection;
  }

  private static void add(List<String> query, String name, @Nullable Object value) {
    if (value != null) {
      query.add(name + "=" + URLEncoder.encode(value.toString(), StandardCharsets.UTF_8));
    }
  }

  private static String text(@Nullable InputStream in) throws IOException {
    return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
