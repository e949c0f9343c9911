package weft.agent;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.agent.relay.Shares;

/** Asks other DNS servers on behalf of guests; each question has a virtual thread and a socket. */
final class Resolver {
  private static final int MOST = 1000;
  private static final int EACH = 64;
  private static final int TRIES = 2;
  private static final int PATIENCE_MS = 2000;
  private static final int ANSWER_MOST = 4096;

  private final List<InetSocketAddress> configured;
  private final Path resolvConf;
  private final Shares shares = new Shares(EACH);
  private final Semaphore places = new Semaphore(MOST);
  private final SecureRandom random = new SecureRandom();

  /**
   * @param configured the servers to ask; if empty, those of the host
   */
  Resolver(List<InetSocketAddress> configured, Path resolvConf) {
    this.configured = List.copyOf(configured);
    this.resolvConf = resolvConf;
  }

  /**
   * Asks; false if too many questions are open already.
   *
   * @param server whom to ask, or null for the usual
   * @param answered is told the answer with the query's own number, or null if none came
   */
  boolean ask(
      int vif,
      byte[] query,
      @Nullable InetSocketAddress server,
      Consumer<byte @Nullable []> answered) {
    if (!places.tryAcquire()) {
      return false;
    }
    if (!shares.take(vif)) {
      places.release();
      return false;
    }
    Thread _ =
        Thread.ofVirtual()
            .name("dns")
            .start(() -> {
              byte[] answer;
              try {
                answer = ask(query, server == null ? servers() : List.of(server));
              } finally {
                shares.release(vif);
                places.release();
              }
              answered.accept(answer);
            });
    return true;
  }

  private byte @Nullable [] ask(byte[] query, List<InetSocketAddress> servers) {
    for (int i = 0; i < TRIES; i++) {
      for (InetSocketAddress server : servers) {
        byte[] answer = ask(query, server);
        if (answer != null) {
          return answer;
        }
      }
    }
    return null;
  }

  /** From a port and with a number that nobody can foresee. */
  private byte @Nullable [] ask(byte[] query, InetSocketAddress server) {
    byte[] sent = query.clone();
    sent[0] = (byte) random.nextInt(256);
    sent[1] = (byte) random.nextInt(256);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(server);
      socket.send(new DatagramPacket(sent, sent.length));
      long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000L;
      byte[] buffer = new byte[ANSWER_MOST];
      while (true) {
        int left = (int) ((deadline - System.nanoTime()) / 1_000_000);
        if (left <= 0) {
          return null;
        }
        socket.setSoTimeout(left);
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] answer = Arrays.copyOf(buffer, packet.getLength());
        if (answer.length >= 12
            && answer[0] == sent[0]
            && answer[1] == sent[1]
            && (answer[2] & 0x80) != 0) {
          answer[0] = query[0];
          answer[1] = query[1];
          return answer;
        }
      }
    } catch (IOException e) {
      return null; // the next server is asked
    }
  }

  /**
   * Asks by a connection, and waits for the answer; null if none came.
   *
   * @param server whom to ask, or null for the usual
   */
  byte @Nullable [] askByStream(byte[] query, @Nullable InetSocketAddress server) {
    for (InetSocketAddress each : server == null ? servers() : List.of(server)) {
      byte[] answer = askByStreamOf(each, query);
      if (answer != null) {
        return answer;
      }
    }
    return null;
  }

  private static byte @Nullable [] askByStreamOf(InetSocketAddress server, byte[] query) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MS);
      socket.connect(server, PATIENCE_MS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      ByteBuffer framed = ByteBuffer.allocate(2 + query.length);
      out.write(framed.putShort((short) query.length).put(query).array());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      boolean ours = answer.length >= 12 && answer[0] == query[0] && answer[1] == query[1];
      return ours ? answer : null;
    } catch (IOException e) {
      return null; // the next server is asked
    }
  }

  private List<InetSocketAddress> servers() {
    if (!configured.isEmpty()) {
      return configured;
    }
    List<InetSocketAddress> servers = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(resolvConf, StandardCharsets.UTF_8)) {
        String[] words = line.trim().split("\\s+");
        if (words.length >= 2 && words[0].equals("nameserver")) {
          servers.add(new InetSocketAddress(words[1], 53));
        }
      }
    } catch (IOException e) {
      return List.of(); // a host without the file has no servers
    }
    return servers;
  }
}
