package weft.control;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import weft.config.ConfigDb;
import weft.state.FaultHandler;

/** A running control node: routes and configuration for agents, routes for BGP peers. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"}) // bodies follow
public final class ControlNode implements AutoCloseable {
  private ControlNode() {}

  /**
   * Starts everything and returns once introspection answers. Agents and BGP peers are let in as
   * soon as the configuration has been read.
   *
   * @param config stays the caller's to close
   * @throws IOException if an address cannot be bound
   */
  public static ControlNode start(ControlOptions options, ConfigDb config, FaultHandler faults)
      throws IOException {
    throw new IOException("not yet: " + options + config + faults);
  }

  /** Where agents connect; empty until the configuration has been read. */
  public List<InetSocketAddress> xmppAddresses() {
    throw new UnsupportedOperationException();
  }

  /** Where BGP peers connect; empty until the configuration has been read. */
  public List<InetSocketAddress> bgpAddresses() {
    throw new UnsupportedOperationException();
  }

  /** The port of introspection. */
  public int httpPort() {
    throw new UnsupportedOperationException();
  }

  /** Ends all sessions. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
