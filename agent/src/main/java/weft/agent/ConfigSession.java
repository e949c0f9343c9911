package weft.agent;

import java.time.Duration;
import java.util.UUID;
import weft.state.Change;
import weft.state.Delta;
import weft.state.DeltaTracker;
import weft.state.Loop;
import weft.xmpp.AgentMessage;
import weft.xmpp.Codec;
import weft.xmpp.ConfigKey;
import weft.xmpp.XmppSession;

/**
 * The config as one control node tells it: which machines it is asked for, and whether all has
 * come.
 *
 * <p>There is no mark for the end of config on the wire: it is complete when it has been silent for
 * a while, longer if some port still has none.
 */
final class ConfigSession {
  private static final String SYSTEM = "default-global-system-config";

  private final String name;
  private final Loop loop;
  private final ControlChannel.Patience patience;
  private final DeltaTracker<UUID, Boolean> machines = new DeltaTracker<>();
  private long openedNs;
  private long changedNs;
  private boolean held;
  private boolean seen;
  private boolean complete;

  ConfigSession(String name, Loop loop, ControlChannel.Patience patience) {
    this.name = name;
    this.loop = loop;
    this.patience = patience;
  }

  void desire(Delta<UUID, Boolean> delta) {
    for (Change<UUID, Boolean> change : delta.changes()) {
      switch (change) {
        case Change.Put<UUID, Boolean> put -> machines.desire(put.key(), put.after());
        case Change.Remove<UUID, Boolean> remove -> machines.undesire(remove.key());
      }
    }
  }

  /**
   * Asks a control node for all config anew.
   *
   * @param again another one was asked before: this one may only just have come up
   */
  void open(XmppSession session, boolean again) {
    machines.actual().keySet().forEach(machines::absent);
    openedNs = loop.nowNs();
    changedNs = openedNs;
    held = again;
    seen = false;
    complete = false;
    send(session, new AgentMessage.SubscribeConfig(router()));
    pump(session);
  }

  private ConfigKey router() {
    return new ConfigKey("virtual-router", SYSTEM + ":" + name);
  }

  private static ConfigKey machine(UUID machine) {
    return new ConfigKey("virtual-machine", machine.toString());
  }

  /** Asks for what is pending. */
  void pump(XmppSession session) {
    for (UUID machine : machines.pendingUpdates().keySet()) {
      send(session, new AgentMessage.SubscribeConfig(machine(machine)));
      machines.actual(machine, true);
      changedNs = loop.nowNs();
      complete = false;
    }
  }

  /** Takes back what is not wanted any more, after the routes that depend on it. */
  void leave(XmppSession session) {
    for (UUID machine : machines.pendingDeletes()) {
      send(session, new AgentMessage.UnsubscribeConfig(machine(machine)));
      machines.absent(machine);
    }
  }

  private void send(XmppSession session, AgentMessage message) {
    session.send(Codec.write(message, name, 0));
  }

  /** Something has come. */
  void came() {
    changedNs = loop.nowNs();
    seen = true;
  }

  boolean isComplete() {
    return complete;
  }

  /** Whether config has become complete by now. */
  boolean completes(boolean portsConfigured) {
    long now = loop.nowNs();
    if (complete) {
      return false;
    }
    Duration quiet = seen && portsConfigured ? patience.configQuiet() : patience.portsQuiet();
    boolean waits = held && now - openedNs < patience.reconnectHold().toNanos();
    complete =
        now - openedNs >= patience.atMost().toNanos()
            || !waits && now - changedNs >= quiet.toNanos();
    return complete;
  }

  /** When config last came or was asked for. */
  long changedNs() {
    return changedNs;
  }

  boolean inSync() {
    return machines.inSync();
  }
}
