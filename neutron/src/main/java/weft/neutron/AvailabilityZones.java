package weft.neutron;

import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;

/** There is one availability zone, and everything is available in it. */
final class AvailabilityZones implements Resource {
  @Override
  public String name() {
    return "availability_zone";
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return Stream.of("network", "router")
        .map(kind ->
            Json.object().put("name", "nova").put("resource", kind).put("state", "available"));
  }
}
