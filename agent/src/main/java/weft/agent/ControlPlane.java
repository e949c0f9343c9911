package weft.agent;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.core.AgentCore;
import weft.agent.core.Event;
import weft.net.Ipv4Address;
import weft.state.Loop;
import weft.xmpp.ControlMessage;
import weft.xmpp.TlsFiles;
import weft.xmpp.TlsIdentity;
import weft.xmpp.XmppClient;
import weft.xmpp.XmppSession;

/**
 * The control nodes of an agent: routes with each of two, config from one of them at a time.
 *
 * <p>When the one that gives config is lost, the other is asked; what is here stays until it has
 * told all. Routes of a lost node that no other has stay until it is back and complete, or for some
 * time while another is complete; without any control node they stay.
 */
final class ControlPlane implements AutoCloseable, ControlChannel.Plane {
  /** What the agent does when something has come. */
  interface Owner {
    void happened(Event event);

    /** Whether every plugged port has its config. */
    boolean portsConfigured();

    /** All config and routes of the present sessions are here. */
    void learned();
  }

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
  private static final Duration CHECK = Duration.ofMillis(100);

  private final Loop loop;
  private final Owner owner;
  private final ControlChannel.Patience patience;
  private final ControlServers servers;
  private final ConfigSession config;
  private final List<ControlChannel> channels = new ArrayList<>();
  private final List<XmppClient> clients = new ArrayList<>();
  private final Set<Integer> expired = new TreeSet<>();
  private @Nullable ControlChannel configured;
  private int configSessions;

  ControlPlane(AgentOptions options, Loop loop, Owner owner, ControlChannel.Patience patience) {
    this.loop = loop;
    this.owner = owner;
    this.patience = patience;
    servers = new ControlServers(options.controlNodes(), options.name());
    config = new ConfigSession(options.name(), loop, patience);
    for (int node = 0; node < servers.count(); node++) {
      channels.add(new ControlChannel(node, options.name(), loop, this, patience));
    }
  }

  /**
   * Connects, and from then on keeps connected.
   *
   * @throws IOException with the name of the file of TLS that cannot be used
   */
  void start(AgentOptions options) throws IOException {
    TlsFiles tls = options.controlTls();
    TlsIdentity identity =
        tls == null
            ? null
            : TlsIdentity.load(
                tls, why -> LOG.error("keeps its certificate, as the new one fails: {}", why));
    XmppClient.Options own =
        XmppClient.Options.of(options.name(), options.controlNodes()).withTls(identity);
    for (ControlChannel channel : channels) {
      clients.add(
          XmppClient.start(
              own, attempt -> sought(channel.node(), attempt), loop, new Random(), channel));
    }
  }

  /** Where a control node is sought now. */
  private InetSocketAddress sought(int node, int attempt) {
    InetSocketAddress place = servers.place(node, attempt);
    if (place.getAddress() instanceof Inet4Address address) {
      Event found = new Event.ControlNodeFound(node, Ipv4Address.of(address.getAddress()));
      loop.execute(() -> owner.happened(found));
    }
    return place;
  }

  /** Takes over what the core wants told, and tells it to those that are there. */
  void desire(AgentCore.Output output) {
    config.desire(output.machines());
    channels.forEach(channel -> channel.desire(output));
    channels.forEach(ControlChannel::pump);
  }

  @Override
  public void happened(Event event) {
    owner.happened(event);
  }

  // ---- config

  private boolean gives(ControlChannel channel) {
    return channel == configured;
  }

  @Override
  public void opened(ControlChannel channel, XmppSession session) {
    if (configured == null) {
      follow(channel, session);
    }
  }

  private void follow(ControlChannel channel, XmppSession session) {
    configured = channel;
    configSessions++;
    channels.forEach(each -> each.makeTrees(each == channel));
    owner.happened(new Event.ConfigOpened());
    config.open(session, configSessions > 1);
    loop.schedule(CHECK, () -> checkConfig(session));
  }

  @Override
  public void pumpConfig(ControlChannel channel, XmppSession session) {
    if (gives(channel)) {
      config.pump(session);
    }
  }

  @Override
  public void leaveConfig(ControlChannel channel, XmppSession session) {
    if (gives(channel)) {
      config.leave(session);
    }
  }

  @Override
  public void configCame(ControlChannel channel, ControlMessage.Config message) {
    if (gives(channel)) {
      config.came();
      message
          .sections()
          .forEach(section -> {
            FastHold.Told told = FastHold.told(section);
            if (told != null) {
              clients.forEach(client -> client.fastHold(told.hold()));
            }
            owner.happened(new Event.ConfigCame(section));
          });
    }
  }

  private void checkConfig(XmppSession of) {
    ControlChannel channel = configured;
    XmppSession now = channel == null ? null : channel.session();
    if (now == null || now.serial() != of.serial()) {
      return;
    }
    if (!config.isComplete() && config.completes(owner.portsConfigured())) {
      owner.happened(new Event.ConfigComplete());
    }
    loop.schedule(CHECK, () -> checkConfig(of));
  }

  @Override
  public boolean configComplete() {
    return config.isComplete();
  }

  @Override
  public long configNs() {
    return config.changedNs();
  }

  // ---- loss and completeness

  @Override
  public void lost(ControlChannel channel) {
    if (gives(channel)) {
      configured = null;
      for (ControlChannel other : channels) {
        XmppSession session = other.session();
        if (configured == null && session != null) {
          follow(other, session);
        }
      }
    }
    int lostSessions = channel.status().sessions();
    loop.schedule(
        patience.stale(),
        () -> {
          if (channel.session() == null && channel.status().sessions() == lostSessions) {
            expired.add(channel.node());
            dropExpired();
          }
        });
  }

  @Override
  public void complete(ControlChannel channel) {
    expired.remove(channel.node());
    dropExpired();
    boolean all = channels.stream().allMatch(each -> each.session() == null || each.isComplete());
    if (all) {
      owner.learned();
    }
  }

  /** Nothing goes while nobody could know better. */
  private void dropExpired() {
    if (channels.stream().anyMatch(ControlChannel::isComplete)) {
      expired.forEach(node -> owner.happened(new Event.RoutesComplete(node)));
      expired.clear();
    }
  }

  // ---- for people

  /**
   * A control node as people see it.
   *
   * @param config it gives config
   */
  record Status(ControlChannel.Status channel, XmppClient.Status client, boolean config) {}

  List<Status> statuses() {
    List<Status> all = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      all.add(
          new Status(channels.get(i).status(), clients.get(i).status(), gives(channels.get(i))));
    }
    return all;
  }

  /** `Established` if there is a session with any of them. */
  String state() {
    return channels.stream().anyMatch(each -> each.session() != null)
        ? "Established"
        : "Connecting";
  }

  boolean configInSync() {
    return config.inSync();
  }

  @Override
  public void close() {
    clients.forEach(XmppClient::close);
  }
}
