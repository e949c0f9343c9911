package weft.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weft.lab.Namespace;

/**
 * A server in a namespace that tells who asks, by TCP and UDP, what it is called and who they are.
 */
final class GuestServer implements AutoCloseable {
  private static final int PATIENCE_MS = 1500;

  private final ServerSocket connections;
  private final DatagramSocket datagrams;
  private final String name;

  private GuestServer(Namespace namespace, int port, String name) {
    this.name = name;
    connections = GuestTalk.inside(namespace, () -> new ServerSocket(port));
    datagrams = GuestTalk.inside(namespace, () -> new DatagramSocket(port));
    Thread.ofPlatform().daemon().start(this::serveConnections);
    Thread.ofPlatform().daemon().start(this::serveDatagrams);
  }

  static GuestServer start(Namespace namespace, int port, String name) {
    return new GuestServer(namespace, port, name);
  }

  /**
   * What a server has said.
   *
   * @param address of who asked, as the server sees it
   * @param port likewise
   */
  record Answer(String name, String address, int port) {
    private static @Nullable Answer of(byte[] bytes, int length) {
      String[] words = new String(bytes, 0, length, StandardCharsets.UTF_8).split(" ");
      return words.length == 3 ? new Answer(words[0], words[1], Integer.parseInt(words[2])) : null;
    }
  }

  private byte[] answer(InetAddress who, int port) {
    return (name + " " + who.getHostAddress() + " " + port).getBytes(StandardCharsets.UTF_8);
  }

  private void serveConnections() {
    while (true) {
      try (Socket socket = connections.accept()) {
        socket.getOutputStream().write(answer(socket.getInetAddress(), socket.getPort()));
      } catch (IOException e) {
        if (connections.isClosed()) {
          return;
        }
      }
    }
  }

  private void serveDatagrams() {
    byte[] room = new byte[64];
    while (true) {
      try {
        DatagramPacket packet = new DatagramPacket(room, room.length);
        datagrams.receive(packet);
        byte[] answer = answer(packet.getAddress(), packet.getPort());
        datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (SocketException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Asks by a connection made for it; null if nothing comes. */
  static @Nullable Answer tcp(Namespace from, String address, int port) {
    return tcp(from, address, port, 0);
  }

  /** Likewise from a port of one's own, 0 for any. */
  static @Nullable Answer tcp(Namespace from, String address, int port, int own) {
    return GuestTalk.inside(
        from,
        () -> {
          try (Socket socket = new Socket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(own));
            socket.setSoTimeout(PATIENCE_MS);
            socket.connect(new InetSocketAddress(address, port), PATIENCE_MS);
            byte[] answer = socket.getInputStream().readAllBytes();
            return Answer.of(answer, answer.length);
          } catch (SocketException | SocketTimeoutException e) {
            return null;
          }
        });
  }

  /** Asks by a datagram; null if nothing comes. */
  static @Nullable Answer udp(Namespace from, String address, int port) {
    return GuestTalk.inside(
        from,
        () -> {
          try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.connect(new InetSocketAddress(address, port));
            socket.send(new DatagramPacket(new byte[1], 1));
            DatagramPacket packet = new DatagramPacket(new byte[64], 64);
            socket.receive(packet);
            return Answer.of(packet.getData(), packet.getLength());
          } catch (SocketException | SocketTimeoutException e) {
            return null;
          }
        });
  }

  @Override
  public void close() throws IOException {
    connections.close();
    datagrams.close();
  }
}
