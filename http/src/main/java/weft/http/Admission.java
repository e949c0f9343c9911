package weft.http;

import io.helidon.common.socket.SocketOptions;
import java.net.Socket;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Asks the gate about each connection as soon as it is accepted: that is when it is set up. */
record Admission(SocketOptions inner, Gate gate) implements SocketOptions {
  @Override
  public void configureSocket(SocketChannel channel) {
    inner.configureSocket(channel);
    gate.admit(channel);
  }

  @Override
  public void configureSocket(Socket socket) {
    configureSocket(socket.getChannel());
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return inner.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return inner.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return inner.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return inner.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return inner.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return inner.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return inner.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return inner.tcpNoDelay();
  }
}
