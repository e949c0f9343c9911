package weft.xmpp;

import java.util.List;
import weft.net.Encapsulation;

/** A route as an agent and the control node exchange it: the content of one `item`. */
public sealed interface Item permits InetItem, EvpnItem, MulticastItem {

  /** The AFI/SAFI pair that opens publish nodes, such as `1/1` or `25/242`. */
  String family();

  /** The node under which an agent publishes this route for a routing instance. */
  String publishNode(String instance);

  /** The node of the `items` element that carries routes of this family and instance. */
  default String tableNode(String instance) {
    return family() + "/" + instance;
  }

  /** The encapsulations of `words` that Weft speaks, in their order. */
  static List<Encapsulation> known(List<String> words) {
    return words.stream()
        .map(Encapsulation::ofWord)
        .filter(java.util.Objects::nonNull)
        .distinct()
        .toList();
  }
}
