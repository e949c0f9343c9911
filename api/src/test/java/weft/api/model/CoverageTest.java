package weft.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import weft.schema.ObjectType;
import weft.schema.Schema;

/**
 * The page of types with their state: what it says of behaviour is written here and held against
 * the code; the rest is made from the schema. `-Dweft.update=true` writes it anew.
 */
class CoverageTest {
  private static final Path PAGE = Path.of("../docs/api-coverage.md");

  /** What the server does for a type beyond storing it; a line for each type that has a hook. */
  private static final Map<String, String> BEHAVIOUR =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("virtual-network", "ids, routing instance, subnets, sharing, provider"),
              Map.entry("network-ipam", "flat subnets, methods"),
              Map.entry(
                  "virtual-machine-interface",
                  "MAC, instance, bindings, sub-interfaces, group of switch ports"),
              Map.entry("virtual-port-group", "id; those of bare machines' ports"),
              Map.entry("instance-ip", "address"),
              Map.entry("floating-ip", "address, project"),
              Map.entry("floating-ip-pool", "subnets of its network"),
              Map.entry("alias-ip", "address"),
              Map.entry("security-group", "id, rules"),
              Map.entry("network-policy", "rules"),
              Map.entry("logical-router", "interfaces, gateway, type, network between VXLANs"),
              Map.entry("route-target", "form of the name"),
              Map.entry("project", "default application policy set, quota"),
              Map.entry("sub-cluster", "id"),
              Map.entry("forwarding-class", "id"),
              Map.entry("virtual-router", "pools of addresses set apart for it"),
              Map.entry("tag", "id, type, fixed name"),
              Map.entry("tag-type", "id"),
              Map.entry("qos-config", "ranges, reference to the system"),
              Map.entry("service-template", "shared with its domain"),
              Map.entry("service-appliance-set", "unchanged while pools use it"),
              Map.entry("routing-instance", "a network's default one is the server's"),
              Map.entry("alarm", "rules"),
              Map.entry("bgp-router", "AS numbers, hold time, zone, sub-cluster"),
              Map.entry("global-system-config", "AS number, ports of BGP as a service"),
              Map.entry("virtual-DNS-record", "types, names, values")));

  @Test
  void everyHookIsWrittenDown() {
    assertThat(Behaviours.types()).isEqualTo(BEHAVIOUR.keySet());
  }

  @Test
  void thePageIsUpToDate() throws IOException {
    String page = page();
    if (Boolean.getBoolean("weft.update")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(page);
  }

  private static String page() {
    StringBuilder page = new StringBuilder();
    page.append("# Types and their state\n\n");
    page.append("Written by `CoverageTest`; paths are in [api.md](api.md).\n\n");
    page.append("All ").append(Schema.types().size()).append(" types are stored, ");
    page.append("validated against the schema, listed, watched and indexed alike: properties,\n");
    page.append("references, children, back references. Quotas count those that a project's ");
    page.append("`quota` names.\n\n");
    page.append("## With server behaviour\n\n");
    page.append("| type | below | properties | references | behaviour |\n");
    page.append("|---|---|---|---|---|\n");
    for (ObjectType type : Schema.types()) {
      String behaviour = BEHAVIOUR.get(type.name());
      if (behaviour != null) {
        page.append("| ").append(type.name()).append(" | ").append(parents(type)).append(" | ");
        page.append(type.properties().size()).append(" | ").append(type.references().size());
        page.append(" | ").append(behaviour).append(" |\n");
      }
    }
    page.append("\n## Stored and validated\n\n");
    page.append("| type | below | properties | references |\n|---|---|---|---|\n");
    for (ObjectType type : Schema.types()) {
      if (!BEHAVIOUR.containsKey(type.name())) {
        page.append("| ").append(type.name()).append(" | ").append(parents(type)).append(" | ");
        page.append(type.properties().size()).append(" | ").append(type.references().size());
        page.append(" |\n");
      }
    }
    return page.toString();
  }

  private static String parents(ObjectType type) {
    List<String> parents =
        type.parents().stream().map(parent -> parent.typeName()).collect(Collectors.toList());
    if (type.root()) {
      parents.addFirst("–");
    }
    return String.join(", ", parents);
  }
}
