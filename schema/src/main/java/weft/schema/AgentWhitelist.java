package weft.schema;

import java.util.List;
import java.util.Map;

/** Which edges of the config graph an agent's subgraph follows from a node. */
public final class AgentWhitelist {
  private AgentWhitelist() {}

  /** The names of the edges that may be followed from a node of the type; empty if none. */
  public static List<String> edges(String nodeType) {
    return all().getOrDefault(nodeType, List.of());
  }

  /** Whether nodes of the type are sent to agents at all. */
  public static boolean contains(String nodeType) {
    return all().containsKey(nodeType);
  }

  /** Node type to the names of the edges that may be followed from it. */
  public static Map<String, List<String>> all() {
    return Schema.agentWhitelist();
  }
}
