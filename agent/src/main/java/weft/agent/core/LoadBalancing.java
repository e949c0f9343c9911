package weft.agent.core;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import weft.vrouter.HashField;
import weft.xmpp.InetItem.LoadBalance;

/** What of a flow chooses one of several ways, as routes say it. */
final class LoadBalancing {
  private static final String HASH = "field-hash";

  private LoadBalancing() {}

  /** Those that a route names; all if it names none. */
  static Set<HashField> fields(LoadBalance told) {
    if (told.fields().isEmpty()) {
      return HashField.ALL;
    }
    Set<HashField> fields = EnumSet.noneOf(HashField.class);
    for (HashField each : HashField.values()) {
      if (told.fields().contains(word(each))) {
        fields.add(each);
      }
    }
    return fields.isEmpty() || fields.equals(HashField.ALL) ? HashField.ALL : Set.copyOf(fields);
  }

  /** As a route tells it: nothing stands for all. */
  static LoadBalance of(Set<HashField> fields) {
    if (fields.equals(HashField.ALL)) {
      return LoadBalance.DEFAULT;
    }
    List<String> words = new ArrayList<>();
    for (HashField each : HashField.values()) {
      if (fields.contains(each)) {
        words.add(word(each));
      }
    }
    return new LoadBalance(words, HASH);
  }

  private static String word(HashField field) {
    return switch (field) {
      case PROTOCOL -> "l4-protocol";
      case SOURCE -> "l3-source-address";
      case SOURCE_PORT -> "l4-source-port";
      case DESTINATION -> "l3-destination-address";
      case DESTINATION_PORT -> "l4-destination-port";
    };
  }
}
