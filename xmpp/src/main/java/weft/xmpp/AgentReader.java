package weft.xmpp;

import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;

/** Reads what agents send. */
final class AgentReader {
  private static final int MAX_INSTANCE_ID = 0xffff_ff;

  private AgentReader() {}

  static AgentMessage read(ElementReader stanza) {
    return switch (stanza.name()) {
      case "iq" -> iq(stanza);
      case "message" -> message(stanza);
      default -> throw new ElementReader.Bad("unknown stanza " + stanza.name());
    };
  }

  /** The one thing that agents say in a message is that they have sent all. */
  private static AgentMessage message(ElementReader message) {
    ElementReader event = message.required("event");
    if (isEndOfRib(event)) {
      return new AgentMessage.EndOfRib();
    }
    throw new ElementReader.Bad("message without End-of-RIB");
  }

  /** Both forms: items of the marker's node, or no items at all. */
  static boolean isEndOfRib(ElementReader event) {
    XmlElement items = event.element().child("items");
    return items == null || Codec.END_OF_RIB.equals(items.attribute("node"));
  }

  private static AgentMessage iq(ElementReader iq) {
    String to = iq.requiredAttribute("to");
    ElementReader pubsub = iq.required("pubsub");
    if (to.contains("bgp-peer")) {
      return route(pubsub);
    }
    if (to.contains("config")) {
      return config(pubsub);
    }
    throw new ElementReader.Bad("no resource " + to);
  }

  private static AgentMessage config(ElementReader pubsub) {
    ElementReader subscribe = pubsub.child("subscribe");
    if (subscribe != null) {
      return new AgentMessage.SubscribeConfig(key(subscribe.requiredAttribute("node")));
    }
    return new AgentMessage.UnsubscribeConfig(
        key(pubsub.required("unsubscribe").requiredAttribute("node")));
  }

  private static ConfigKey key(String node) {
    int colon = node.indexOf(':');
    if (colon < 1 || colon + 1 == node.length()) {
      throw new ElementReader.Bad("'" + node + "' is not type:name");
    }
    return new ConfigKey(node.substring(0, colon), node.substring(colon + 1));
  }

  private static AgentMessage route(ElementReader pubsub) {
    ElementReader publish = pubsub.child("publish");
    if (publish != null) {
      return publish(publish);
    }
    ElementReader collection = pubsub.child("collection");
    if (collection != null) {
      return collect(collection);
    }
    ElementReader subscribe = pubsub.child("subscribe");
    if (subscribe != null) {
      return subscribe(pubsub, subscribe);
    }
    return new AgentMessage.Unsubscribe(pubsub.required("unsubscribe").requiredAttribute("node"));
  }

  private static AgentMessage subscribe(ElementReader pubsub, ElementReader subscribe) {
    String instance = subscribe.requiredAttribute("node");
    @Nullable ElementReader inside = subscribe.child("options");
    @Nullable ElementReader options = inside != null ? inside : pubsub.child("options");
    return options == null
        ? new AgentMessage.Subscribe(instance, 0, false)
        : new AgentMessage.Subscribe(
            instance, options.small("instance-id", 0, MAX_INSTANCE_ID), options.bool("no-ribout"));
  }

  private static AgentMessage publish(ElementReader publish) {
    String node = publish.requiredAttribute("node");
    XmlElement item = publish.element().child("item");
    if (node.equals(Codec.END_OF_RIB) && item == null) {
      return new AgentMessage.EndOfRib();
    }
    return new AgentMessage.Publish(
        node, ItemReader.read(family(node), publish.required("item").element()));
  }

  private static AgentMessage collect(ElementReader collection) {
    String instance = collection.requiredAttribute("node");
    ElementReader associate = collection.child("associate");
    return associate != null
        ? new AgentMessage.Collect(instance, associate.requiredAttribute("node"), true)
        : new AgentMessage.Collect(
            instance, collection.required("dissociate").requiredAttribute("node"), false);
  }

  /** The `afi/safi` that a node begins with. */
  static String family(String node) {
    int first = node.indexOf('/');
    int second = first < 0 ? -1 : node.indexOf('/', first + 1);
    if (second < 0) {
      throw new ElementReader.Bad("node '" + node + "' names no family");
    }
    return node.substring(0, second);
  }
}
