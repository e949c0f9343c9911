package weft.agent;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import weft.agent.core.AgentCore;
import weft.agent.core.Ids;
import weft.agent.local.DnsMessage;
import weft.agent.relay.Guests.Guest;
import weft.agent.relay.TcpService;

/** Answers DNS by connections (RFC 7766): one question after the other, until the guest ends it. */
final class DnsConnections implements TcpService.Handler {
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final LoopCalls loop;
  private final AgentCore core;
  private final DnsAnswers answers;
  private final Resolver resolver;

  DnsConnections(LoopCalls loop, AgentCore core, DnsAnswers answers, Resolver resolver) {
    this.loop = loop;
    this.core = core;
    this.answers = answers;
    this.resolver = resolver;
  }

  @Override
  public void serve(Socket connection, Guest guest) throws IOException {
    connection.setSoTimeout((int) IDLE.toMillis());
    DataInputStream in = new DataInputStream(connection.getInputStream());
    OutputStream out = connection.getOutputStream();
    while (true) {
      byte[] message;
      try {
        message = new byte[in.readUnsignedShort()];
      } catch (EOFException e) {
        return;
      }
      in.readFully(message);
      switch (decide(guest, message)) {
        case DnsAnswers.Decision.Hangup _ -> {
          return;
        }
        case DnsAnswers.Decision.Answer(byte[] answer) -> send(out, answer);
        case DnsAnswers.Decision.Relay relay -> {
          byte[] answer = resolver.askByStream(message, relay.server());
          send(
              out,
              answer == null
                  ? DnsMessage.answer(relay.query(), DnsMessage.SERVER_FAILURE)
                  : answer);
        }
      }
    }
  }

  private DnsAnswers.Decision decide(Guest guest, byte[] message) throws IOException {
    try {
      return loop.call(() -> {
        UUID id = GuestBook.uuid(core.ids().name(Ids.Pool.VIF, guest.vif()));
        return answers.decide(id == null ? null : core.config(id), message);
      });
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private static void send(OutputStream out, byte[] message) throws IOException {
    out.write(
        ByteBuffer.allocate(2 + message.length)
            .putShort((short) message.length)
            .put(message)
            .array());
    out.flush();
  }
}
