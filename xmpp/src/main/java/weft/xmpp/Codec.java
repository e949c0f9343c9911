package weft.xmpp;

import java.util.ArrayList;
import java.util.List;
import weft.net.XmlElement;

/** Stanzas of the agent channel: from XML to messages and back. */
public final class Codec {
  static final String PUBSUB = "http://jabber.org/protocol/pubsub";
  static final String ROUTES = "/bgp-peer";
  static final String CONFIG = "/config";
  static final String END_OF_RIB = "0/0/EndOfRib";

  private Codec() {}

  /** Cuts what stands in a stream after its header into stanzas; what is none is malformed. */
  public static List<Decoded<XmlElement>> stanzas(byte[] bytes) {
    List<Decoded<XmlElement>> found = new ArrayList<>();
    for (Message message : Framer.afterHeader(Integer.MAX_VALUE).decode(bytes, bytes.length)) {
      switch (message) {
        case Message.Stanza(XmlElement element) -> found.add(new Decoded.Ok<>(element));
        case Message.Malformed(String reason) -> found.add(new Decoded.Malformed<>(reason));
        case Message.Unusable(CloseReason reason) ->
            found.add(new Decoded.Malformed<>(reason.toString()));
        case Message.KeepAlive _, Message.StreamClose _, Message.StreamOpen _ -> {}
      }
    }
    return found;
  }

  /** Reads what an agent sent. */
  public static Decoded<AgentMessage> readAgent(XmlElement stanza) {
    try {
      return new Decoded.Ok<>(AgentReader.read(new ElementReader(stanza)));
    } catch (ElementReader.Bad e) {
      return new Decoded.Malformed<>(e.reason());
    }
  }

  /** Reads what a control node sent. */
  public static Decoded<ControlMessage> readControl(XmlElement stanza) {
    try {
      return new Decoded.Ok<>(ControlReader.read(new ElementReader(stanza)));
    } catch (ElementReader.Bad e) {
      return new Decoded.Malformed<>(e.reason());
    }
  }

  /**
   * Writes one message of an agent; End-of-RIB comes in both its forms.
   *
   * @param from the agent's name
   * @param id makes the IQ's id unique
   */
  public static byte[] write(AgentMessage message, String from, long id) {
    return new AgentWriter(from, id).write(message);
  }

  /** Writes a route: both IQs. */
  public static byte[] write(RouteRequest request, String from, long id) {
    return new AgentWriter(from, id).write(request);
  }

  /** Encodes a message for any number of agents; End-of-RIB comes in both its forms. */
  public static SharedMessage write(ControlMessage message) {
    return ControlWriter.write(message);
  }

  /** Encodes any number of routes of one table in as few messages as the limits allow. */
  public static List<SharedMessage> items(String table, List<ControlMessage.Entry> entries) {
    return ControlWriter.items(table, entries);
  }

  /** Encodes any number of withdrawn routes of one table. */
  public static List<SharedMessage> retracts(String table, List<String> ids) {
    return ControlWriter.retracts(table, ids);
  }

  /** Encodes sections of any size, in order, within the budget of a message each. */
  public static List<SharedMessage> config(List<ControlMessage.ConfigSection> sections) {
    return ControlWriter.config(sections);
  }
}
