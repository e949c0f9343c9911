package weft.state.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** How the bytes of a {@link Connection} pass: as they are, or through TLS. Calls block. */
public sealed interface Transport {
  /** Reads into a buffer with an array; -1 at the end. */
  int read(ByteBuffer buffer) throws IOException;

  /** Writes some of the buffers' bytes and returns how many. */
  long write(ByteBuffer[] buffers) throws IOException;

  /** Says that no more will be written. */
  void shutdownOutput() throws IOException;

  /** Bytes as they are. */
  record Plain(SocketChannel channel) implements Transport {
    @Override
    public int read(ByteBuffer buffer) throws IOException {
      return channel.read(buffer);
    }

    @Override
    public long write(ByteBuffer[] buffers) throws IOException {
      return channel.write(buffers);
    }

    @Override
    public void shutdownOutput() throws IOException {
      channel.shutdownOutput();
    }
  }

  /** A socket over the channel's own, such as one of TLS. */
  record Layered(Socket socket, InputStream in, OutputStream out) implements Transport {
    public static Layered of(Socket socket) throws IOException {
      return new Layered(socket, socket.getInputStream(), socket.getOutputStream());
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
      int count =
          in.read(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
      if (count > 0) {
        buffer.position(buffer.position() + count);
      }
      return count;
    }

    @Override
    public long write(ByteBuffer[] buffers) throws IOException {
      int length = 0;
      for (ByteBuffer buffer : buffers) {
        length += buffer.remaining();
      }
      ByteBuffer all = ByteBuffer.allocate(length);
      for (ByteBuffer buffer : buffers) {
        all.put(buffer);
      }
      out.write(all.array());
      return length;
    }

    @Override
    public void shutdownOutput() throws IOException {
      socket.shutdownOutput();
    }
  }
}
