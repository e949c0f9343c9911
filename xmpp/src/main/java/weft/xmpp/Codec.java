package weft.xmpp;

import java.util.List;
import weft.net.XmlElement;

/** Stanzas of the agent channel: from XML to messages and back. */
@SuppressWarnings("DoNotCallSuggester") // bodies follow
public final class Codec {
  private Codec() {}

  /** Reads what an agent sent. */
  public static Decoded<AgentMessage> readAgent(XmlElement stanza) {
    throw new UnsupportedOperationException();
  }

  /** Reads what a control node sent. */
  public static Decoded<ControlMessage> readControl(XmlElement stanza) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes one IQ of an agent.
   *
   * @param from the agent's name
   * @param id makes the IQ's id unique
   */
  public static byte[] write(AgentMessage message, String from, long id) {
    throw new UnsupportedOperationException();
  }

  /** Writes a route: both IQs. */
  public static byte[] write(RouteRequest request, String from, long id) {
    throw new UnsupportedOperationException();
  }

  /** Encodes a message for any number of agents; End-of-RIB comes in both its forms. */
  public static SharedMessage write(ControlMessage message) {
    throw new UnsupportedOperationException();
  }

  /** Encodes any number of routes of one table in as few messages as the limits allow. */
  public static List<SharedMessage> items(String table, List<ControlMessage.Entry> entries) {
    throw new UnsupportedOperationException();
  }

  /** Encodes any number of withdrawn routes of one table. */
  public static List<SharedMessage> retracts(String table, List<String> ids) {
    throw new UnsupportedOperationException();
  }

  /** Encodes sections of any size, in order, within the budget of a message each. */
  public static List<SharedMessage> config(List<ControlMessage.ConfigSection> sections) {
    throw new UnsupportedOperationException();
  }
}
