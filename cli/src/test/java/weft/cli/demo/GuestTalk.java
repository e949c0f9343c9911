package weft.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import weft.datapath.ThreadPlace;
import weft.lab.Guest;
import weft.lab.LabException;
import weft.lab.Namespace;

/**
 * Two guests that talk: a TCP connection held open, new ones on demand, and numbered datagrams all
 * the time, each of which is waited for.
 */
final class GuestTalk implements AutoCloseable {
  private static final int PORT = 7007;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long PACE_NS = 25_000_000;

  private final Guest from;
  private final InetSocketAddress to;
  private final ServerSocket server;
  private final DatagramChannel echo;
  private final DatagramChannel asking;
  private final Socket connection;
  private final BitSet answered = new BitSet();
  private final Thread sender;
  private volatile boolean stopped;
  private volatile int sent;

  private GuestTalk(Guest from, Guest to, String address) {
    this.from = from;
    this.to = new InetSocketAddress(address, PORT);
    server = inside(to.namespace(), () -> new ServerSocket(PORT));
    echo = inside(to.namespace(), () -> DatagramChannel.open().bind(new InetSocketAddress(PORT)));
    Thread.ofVirtual().start(this::accept);
    Thread.ofPlatform().daemon().start(this::answer);
    asking = inside(from.namespace(), () -> DatagramChannel.open().connect(this.to));
    connection = open();
    Thread.ofPlatform().daemon().start(this::hear);
    sender = Thread.ofPlatform().daemon().start(this::ask);
  }

  static GuestTalk start(Guest from, Guest to, String address) {
    return new GuestTalk(from, to, address);
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Until its socket is closed. */
  private static void loop(Step step) {
    while (true) {
      try {
        step.run();
      } catch (ClosedChannelException | SocketException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Does work in a namespace; what it opens there may be used anywhere. */
  static <T> T inside(Namespace namespace, Callable<T> work) {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          ThreadPlace.enter(Path.of("/run/netns", namespace.name()));
          return work.call();
        });
    Thread.ofPlatform().daemon().start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      LabException failure = new LabException(namespace.name() + ": " + e.getCause());
      failure.initCause(e.getCause());
      throw failure;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }

  private void accept() {
    loop(() -> {
      Socket socket = server.accept();
      Thread.ofVirtual().start(() -> serve(socket));
    });
  }

  private static void serve(Socket socket) {
    try (socket) {
      boolean _ = socket.getInputStream().transferTo(socket.getOutputStream()) > 0;
    } catch (IOException e) {
      return; // the other end has gone without a word
    }
  }

  private void answer() {
    ByteBuffer buffer = ByteBuffer.allocate(64);
    loop(() -> {
      var sender = echo.receive(buffer.clear());
      echo.send(buffer.flip(), sender);
    });
  }

  private void ask() {
    ByteBuffer buffer = ByteBuffer.allocate(4);
    while (!stopped) {
      try {
        asking.write(buffer.clear().putInt(sent).flip());
        sent++;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      LockSupport.parkNanos(PACE_NS);
    }
  }

  private void hear() {
    ByteBuffer buffer = ByteBuffer.allocate(64);
    loop(() -> {
      asking.read(buffer.clear());
      synchronized (answered) {
        answered.set(buffer.flip().getInt());
      }
    });
  }

  private int answers() {
    synchronized (answered) {
      return answered.cardinality();
    }
  }

  private Socket open() {
    return inside(
        from.namespace(),
        () -> {
          Socket socket = new Socket();
          socket.connect(to, (int) PATIENCE.toMillis());
          socket.setSoTimeout((int) PATIENCE.toMillis());
          socket.setTcpNoDelay(true);
          return socket;
        });
  }

  private static void exchange(Socket socket) {
    try {
      socket.getOutputStream().write(1);
      if (socket.getInputStream().read() != 1) {
        throw new LabException("the connection is closed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A byte there and back over the connection that has been open since the start. */
  void goesOn() {
    exchange(connection);
  }

  /** Likewise over a connection made now. */
  void beginsAnew() {
    try (Socket socket = open()) {
      exchange(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Datagrams sent, and those of them that were never answered. */
  record Count(int sent, int lost) {}

  /** Ends the datagrams, and waits for what is under way. */
  Count stop() {
    stopped = true;
    try {
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (answers() < sent && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(PACE_NS);
    }
    return new Count(sent, sent - answers());
  }

  @Override
  public void close() {
    stopped = true;
    try {
      sender.join();
      connection.close();
      asking.close();
      echo.close();
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
