package weft.compiler;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A range of ports as written: -1 stands for any. */
record Ports(int start, int end) {
  static final Ports ANY = new Ports(0, 65535);

  /** Reads a list of PortType; an empty one means any. */
  static List<Ports> list(JsonNode array) {
    List<Ports> list = new ArrayList<>();
    array.forEach(node ->
        list.add(new Ports(node.path("start_port").asInt(0), node.path("end_port").asInt(65535))));
    return list.isEmpty() ? List.of(ANY) : List.copyOf(list);
  }

  private int first() {
    return Math.max(start, 0);
  }

  private int last() {
    return start < 0 || end < 0 ? 65535 : end;
  }

  boolean within(Ports other) {
    return first() >= other.first() && last() <= other.last();
  }

  ObjectNode toJson() {
    return JsonNodeFactory.instance.objectNode().put("start_port", start).put("end_port", end);
  }
}
