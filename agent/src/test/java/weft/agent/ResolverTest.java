package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolverTest {
  private static final byte[] QUERY = {7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};

  /** Answers each question once, after an answer with a wrong number. */
  private static Thread server(DatagramSocket socket) {
    return Thread.ofVirtual()
        .start(() -> {
          byte[] buffer = new byte[512];
          try {
            while (true) {
              DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
              socket.receive(packet);
              byte[] answer = Arrays.copyOf(buffer, packet.getLength());
              answer[2] |= (byte) 0x80;
              answer[0] ^= 1;
              socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
              answer[0] ^= 1;
              socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
          } catch (java.io.IOException e) {
            assertThat(socket.isClosed()).isTrue();
          }
        });
  }

  private static byte[] ask(Resolver resolver) throws Exception {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    assertThat(resolver.ask(1, QUERY, null, answer::complete)).isTrue();
    return answer.get(30, TimeUnit.SECONDS);
  }

  @Test
  void theNextServerIsAskedAndOnlyTheAnswerToTheQuestionCounts(@TempDir Path directory)
      throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (DatagramSocket deaf = new DatagramSocket(new InetSocketAddress(here, 0));
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(here, 0))) {
      Thread _ = server(socket);
      Resolver resolver =
          new Resolver(
              List.of(
                  new InetSocketAddress(here, deaf.getLocalPort()),
                  new InetSocketAddress(here, socket.getLocalPort())),
              directory.resolve("resolv.conf"));
      byte[] answer = ask(resolver);
      assertThat(answer).startsWith(7, 9).hasSize(QUERY.length);
    }
  }

  @Test
  void aHostWithoutServersAnswersAtOnce(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("resolv.conf");
    assertThat(ask(new Resolver(List.of(), file))).isNull();
    Files.writeString(file, "# nothing\nsearch example\n");
    assertThat(ask(new Resolver(List.of(), file))).isNull();
  }
}
