package weft.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/** The library's connections, with what their {@link Visit} must know. */
final class Guarded implements ServerConnectionSelector {
  /** A longer answer is written in pieces, each of which has its time. */
  private static final int PIECE = 64 << 10;

  private static final byte[] TOO_MANY = tooMany("Too many connections");

  private final ServerConnectionSelector protocol;
  private final Gate gate;

  Guarded(ServerConnectionSelector protocol, Gate gate) {
    this.protocol = protocol;
    this.gate = gate;
  }

  private static byte[] tooMany(String text) {
    return ("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
            + "Content-Type: text/plain\r\nContent-Length: "
            + text.length()
            + "\r\n\r\n"
            + text)
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public int bytesToIdentifyConnection() {
    return protocol.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return protocol.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return protocol.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext ctx) {
    Visit visit = gate.visit(ctx.remotePeer().address(), ctx.localPeer().address());
    Context guarded = new Context(ctx, visit);
    return new Connection(
        visit.refused() ? new Refusing(ctx, visit) : protocol.connection(guarded),
        ctx,
        visit,
        gate);
  }

  /** A connection of the library, from its begin to its end. */
  private record Connection(ServerConnection inner, ConnectionContext ctx, Visit visit, Gate gate)
      implements ServerConnection, InterruptableTask<Void> {
    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        ScopedValue.where(Visit.CURRENT, visit)
            .call(() -> {
              inner.handle(limit);
              return visit;
            });
      } catch (RuntimeException e) {
        if (visit.expired() == null) {
          throw e;
        }
        throw new CloseConnectionException("took too long: " + visit.expired(), e);
      } finally {
        gate.ended(ctx.remotePeer().address(), ctx.localPeer().address(), visit);
      }
    }

    /** How long it may be idle is not for the library to watch. */
    @Override
    public Duration idleTime() {
      return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
      inner.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
      return inner instanceof InterruptableTask<?> task && task.canInterrupt();
    }
  }

  /** Tells a connection that it is one too many, and waits for it to go. */
  private record Refusing(ConnectionContext ctx, Visit visit) implements ServerConnection {
    @Override
    public void handle(Limit limit) {
      ctx.dataWriter().writeNow(BufferData.create(TOO_MANY));
      visit.endOutput();
      HelidonSocket socket = ctx.serverSocket();
      // A connection that is closed with bytes unread may lose the answer.
      int unread = 0;
      for (byte[] bytes = socket.get(); bytes != null && unread < PIECE; bytes = socket.get()) {
        unread += bytes.length;
      }
    }

    @Override
    public Duration idleTime() {
      return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
      ctx.serverSocket().close();
    }
  }

  /** Notes when bytes arrive and when some are written. */
  private static final class Context implements ConnectionContext, DataWriter {
    private final ConnectionContext inner;
    private final Visit visit;
    private final DataReader reader;
    private final DataWriter writer;

    Context(ConnectionContext inner, Visit visit) {
      this.inner = inner;
      this.visit = visit;
      this.writer = inner.dataWriter();
      HelidonSocket socket = inner.serverSocket();
      this.reader = DataReader.create(() -> read(socket));
    }

    private byte[] read(HelidonSocket socket) {
      byte[] bytes;
      try {
        bytes = socket.get();
      } catch (UncheckedIOException e) {
        throw new CloseConnectionException("the connection is lost", e);
      }
      if (bytes != null) {
        visit.arrived();
      } else if (visit.expired() == Visit.Phase.HEADER || visit.expired() == Visit.Phase.BODY) {
        throw RequestException.builder()
            .type(DirectHandler.EventType.OTHER)
            .status(Status.REQUEST_TIMEOUT_408)
            .setKeepAlive(false)
            .message("The request took too long to arrive")
            .safeMessage(true)
            .build();
      }
      return bytes;
    }

    @Override
    public void write(BufferData... buffers) {
      Visit.State before = visit.writing();
      long length = 0;
      for (BufferData buffer : buffers) {
        length += buffer.available();
      }
      if (length <= PIECE) {
        writer.write(buffers);
      } else {
        for (BufferData buffer : buffers) {
          inPieces(buffer);
        }
      }
      visit.written(before);
    }

    @Override
    public void write(BufferData buffer) {
      Visit.State before = visit.writing();
      inPieces(buffer);
      visit.written(before);
    }

    private void inPieces(BufferData buffer) {
      while (buffer.available() > PIECE) {
        byte[] piece = new byte[PIECE];
        int length = buffer.read(piece);
        writer.write(BufferData.create(piece, 0, length));
        Visit.State _ = visit.writing(); // anew
      }
      writer.write(buffer);
    }

    @Override
    public void writeNow(BufferData... buffers) {
      write(buffers);
      writer.flush();
    }

    @Override
    public void writeNow(BufferData buffer) {
      write(buffer);
      writer.flush();
    }

    @Override
    public void flush() {
      writer.flush();
    }

    @Override
    public void close() {
      writer.close();
    }

    @Override
    public DataReader dataReader() {
      return reader;
    }

    @Override
    public DataWriter dataWriter() {
      return this;
    }

    @Override
    public ListenerContext listenerContext() {
      return inner.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return inner.executor();
    }

    @Override
    public Router router() {
      return inner.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return inner.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return inner.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return inner.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return inner.localPeer();
    }

    @Override
    public boolean isSecure() {
      return inner.isSecure();
    }

    @Override
    public String socketId() {
      return inner.socketId();
    }

    @Override
    public String childSocketId() {
      return inner.childSocketId();
    }
  }
}
