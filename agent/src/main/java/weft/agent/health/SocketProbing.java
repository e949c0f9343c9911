package weft.agent.health;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weft.agent.core.HealthCheck.Monitor;
import weft.net.Ipv4Address;
import weft.state.Loop;
import weft.vrouter.OwnFlow;
import weft.vrouter.Service;

/** TCP and HTTP over IPv4: a connection each time, by a socket of this host. */
final class SocketProbing implements Probe {
  private static final int TCP = 6;

  private final Aim aim;
  private final Way way;
  private final Findings findings;
  private Loop.@Nullable Timer timer;
  private boolean stopped;

  SocketProbing(Aim aim, Way way, Findings findings) {
    this.aim = aim;
    this.way = way;
    this.findings = findings;
  }

  @Override
  public void start() {
    ask();
  }

  private void ask() {
    try {
      Socket socket = new Socket();
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(Service.HOST.toBytes()), 0));
      OwnFlow flow =
          new OwnFlow(
              aim.vif(), aim.target(), aim.port(), aim.self(), socket.getLocalPort(), TCP, true);
      way.allow(flow);
      Thread _ =
          Thread.ofVirtual().name("health of vif " + aim.vif()).start(() -> attempt(socket, flow));
    } catch (IOException e) {
      finished(null, null, e.getMessage());
    }
  }

  /** On a thread of its own. */
  private void attempt(Socket socket, OwnFlow flow) {
    String good = null;
    String bad = null;
    try (socket) {
      int limitMs = (int) aim.check().timeout().toMillis();
      Ipv4Address guest = Service.addressOf(aim.vif());
      socket.setSoTimeout(limitMs);
      socket.connect(
          new InetSocketAddress(InetAddress.getByAddress(guest.toBytes()), aim.port()), limitMs);
      good = "connected to " + aim.target() + " port " + aim.port();
      if (aim.check().monitor() == Monitor.HTTP) {
        int code = status(socket);
        good = "HTTP status " + code;
        bad = HttpQuestion.expected(aim.check().expected(), code) ? null : good;
      } else {
        socket.setSoLinger(true, 0);
      }
    } catch (IOException e) {
      bad = aim.target() + " port " + aim.port() + ": " + e.getMessage();
    }
    String answer = good;
    String failure = bad;
    way.loop().execute(() -> finished(flow, answer, failure));
  }

  private int status(Socket socket) throws IOException {
    socket.getOutputStream().write(HttpQuestion.request(aim));
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1),
            HttpQuestion.LONGEST_LINE);
    char[] line = new char[HttpQuestion.LONGEST_LINE];
    int length = 0;
    for (int next = in.read();
        next >= 0 && next != '\n' && length < line.length;
        next = in.read()) {
      line[length++] = (char) next;
    }
    int code = HttpQuestion.status(new String(line, 0, length));
    if (code < 0) {
      throw new IOException("no answer of HTTP");
    }
    return code;
  }

  private void finished(@Nullable OwnFlow flow, @Nullable String good, @Nullable String bad) {
    if (flow != null) {
      way.forget(flow);
    }
    if (stopped) {
      return;
    }
    if (bad != null) {
      findings.bad(bad);
    } else {
      findings.good(good == null ? "" : good);
    }
    timer = way.loop().schedule(aim.check().delay(), this::ask);
  }

  @Override
  public boolean takes(byte[] frame) {
    return false;
  }

  @Override
  public void stop() {
    stopped = true;
    if (timer != null) {
      timer.cancel();
    }
  }
}
