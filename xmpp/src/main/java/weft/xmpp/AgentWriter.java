package weft.xmpp;

import weft.net.XmlElement;

/** Writes what agents send. */
final class AgentWriter {
  private static final String CONTROL = XmppServer.Options.CONTROL_NAME;

  private final StringBuilder out = new StringBuilder();
  private final String from;
  private final long id;

  AgentWriter(String from, long id) {
    this.from = from;
    this.id = id;
  }

  byte[] write(AgentMessage message) {
    append(message);
    return StreamCodec.utf8(out.toString());
  }

  byte[] write(RouteRequest request) {
    String node = request.item().publishNode(request.instance());
    append(new AgentMessage.Publish(node, request.item()));
    append(new AgentMessage.Collect(request.instance(), node, !request.withdraw()));
    return StreamCodec.utf8(out.toString());
  }

  private void append(AgentMessage message) {
    switch (message) {
      case AgentMessage.Subscribe subscribe -> subscribe(subscribe);
      case AgentMessage.Unsubscribe(String instance) -> {
        open(Codec.ROUTES, "unsubscribe");
        node("unsubscribe", instance).append(" />");
        close();
      }
      case AgentMessage.Publish(String node, Item item) -> {
        open(Codec.ROUTES, "pubsub" + suffix(node));
        node("publish", node).append("><item>");
        new ItemWriter(out).entry(item);
        out.append("</item></publish>");
        close();
      }
      case AgentMessage.Collect(String instance, String node, boolean associate) -> {
        open(Codec.ROUTES, "collection" + (node.startsWith("25/") ? "_l2" : ""));
        node("collection", instance).append('>');
        node(associate ? "associate" : "dissociate", node).append(" /></collection>");
        close();
      }
      case AgentMessage.EndOfRib _ -> endOfRib();
      case AgentMessage.SubscribeConfig(ConfigKey key) -> config("subscribe", key);
      case AgentMessage.UnsubscribeConfig(ConfigKey key) -> config("unsubscribe", key);
    }
  }

  private void subscribe(AgentMessage.Subscribe subscribe) {
    open(Codec.ROUTES, "subscribe");
    node("subscribe", subscribe.instance())
        .append("><options><instance-id>")
        .append(subscribe.instanceId())
        .append("</instance-id>");
    if (subscribe.noRibOut()) {
      out.append("<no-ribout>true</no-ribout>");
    }
    out.append("</options></subscribe>");
    close();
  }

  private void config(String verb, ConfigKey key) {
    open(Codec.CONFIG, "");
    node(verb, key.toString()).append(" />");
    close();
  }

  /** As a message, which other agents send, and as an IQ, which other control nodes heed. */
  private void endOfRib() {
    out.append("<message from=\"");
    XmlElement.escape(from, out);
    out.append("\" to=\"" + CONTROL + Codec.ROUTES + "\"><event xmlns=\"" + Codec.PUBSUB + "\">");
    out.append("<items node=\"" + Codec.END_OF_RIB + "\"></items></event></message>");
    open(Codec.ROUTES, "pubsub");
    node("publish", Codec.END_OF_RIB).append("></publish>");
    close();
  }

  private static String suffix(String node) {
    if (node.startsWith("25/")) {
      return "_l2";
    }
    return node.startsWith("1/241/") ? "_b" : "";
  }

  private void open(String resource, String idPrefix) {
    out.append("<iq type=\"set\" from=\"");
    XmlElement.escape(from, out);
    out.append("\" to=\"").append(CONTROL).append(resource).append('"');
    if (!idPrefix.isEmpty()) {
      out.append(" id=\"").append(idPrefix).append(id).append('"');
    }
    out.append("><pubsub xmlns=\"" + Codec.PUBSUB + "\">");
  }

  private StringBuilder node(String name, String value) {
    out.append('<').append(name).append(" node=\"");
    XmlElement.escape(value, out);
    return out.append('"');
  }

  private void close() {
    out.append("</pubsub></iq>");
  }
}
