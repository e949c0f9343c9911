package weft.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.ParentType;
import weft.schema.Schema;

/** The types of objects by the words that users have for them, and how their names are written. */
final class Types {
  private static final String ROUTE_TARGET = "route-target";
  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("acl", "access-control-list"),
          Map.entry("aps", "application-policy-set"),
          Map.entry("fip", "floating-ip"),
          Map.entry("fippool", "floating-ip-pool"),
          Map.entry("fp", "firewall-policy"),
          Map.entry("fr", "firewall-rule"),
          Map.entry("iip", "instance-ip"),
          Map.entry("ipam", "network-ipam"),
          Map.entry("irt", "interface-route-table"),
          Map.entry("lb", "loadbalancer"),
          Map.entry("lr", "logical-router"),
          Map.entry("policy", "network-policy"),
          Map.entry("pr", "physical-router"),
          Map.entry("ri", "routing-instance"),
          Map.entry("rt", ROUTE_TARGET),
          Map.entry("sg", "security-group"),
          Map.entry("si", "service-instance"),
          Map.entry("st", "service-template"),
          Map.entry("vm", "virtual-machine"),
          Map.entry("vmi", "virtual-machine-interface"),
          Map.entry("vn", "virtual-network"),
          Map.entry("vr", "virtual-router"));

  private Types() {}

  /** The type that a user means: its name in singular or plural, with underscores, or short. */
  static ObjectType of(String word) {
    String name = word.replace('_', '-');
    ObjectType type = known(name);
    if (type == null && name.endsWith("s")) {
      type = known(name.substring(0, name.length() - 1));
    }
    if (type == null) {
      throw new Failure("no type " + word + Near.hint(word, words()) + " (all: weft list)");
    }
    return type;
  }

  private static @Nullable ObjectType known(String name) {
    ObjectType type = Schema.type(name);
    if (type != null) {
      return type;
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (SHORT.containsKey(lower)) {
      return Schema.type(SHORT.get(lower));
    }
    for (ObjectType each : Schema.types()) {
      if (each.name().equalsIgnoreCase(name)) {
        return each;
      }
    }
    return null;
  }

  /** All words for types, the short ones too. */
  static Set<String> words() {
    Set<String> words = new LinkedHashSet<>();
    Schema.types().forEach(type -> words.add(type.name()));
    words.addAll(SHORT.keySet());
    return words;
  }

  /** `a:b:c` in parts; the name of a route target is one part, colons and all. */
  static FqName fqName(ObjectType type, String text) {
    return type.name().equals(ROUTE_TARGET) ? FqName.of(text) : FqName.parse(text);
  }

  /** As users write names; a name whose parts hold colons of their own has no such form. */
  static String text(JsonNode fqName) {
    return String.join(":", fqName.valueStream().map(part -> part.asString("")).toList());
  }

  /**
   * The type of the parent of an object of that name, by the number of parts.
   *
   * @return null if there is none, or if the name does not tell
   */
  static @Nullable String parentType(ObjectType type, FqName name) {
    if (name.size() == 1) {
      return null;
    }
    List<String> fitting = new ArrayList<>();
    for (ParentType parent : type.parents()) {
      if (depths(parent.typeName(), 0).contains(name.size() - 1)) {
        fitting.add(parent.typeName());
      }
    }
    if (fitting.size() > 1) {
      boolean global = name.parts().getFirst().startsWith("default-global-");
      fitting.removeIf(each -> global == ("project".equals(each) || "domain".equals(each)));
    }
    return fitting.size() == 1 ? fitting.getFirst() : null;
  }

  /** How many parts the name of an object of a type may have. */
  static Set<Integer> depths(String typeName, int below) {
    Set<Integer> depths = new LinkedHashSet<>();
    ObjectType type = Schema.type(typeName);
    if (type == null || below > 6) {
      return depths;
    }
    if (type.root() || type.parents().isEmpty()) {
      depths.add(1);
    }
    for (ParentType parent : type.parents()) {
      // Objects under the root of all bear their own name only.
      if (parent.typeName().equals("config-root")) {
        depths.add(1);
      } else {
        depths(parent.typeName(), below + 1).forEach(depth -> depths.add(depth + 1));
      }
    }
    return depths;
  }

  /** A new object's name in full: one below the default project where the type belongs there. */
  static FqName nameOfNew(ObjectType type, String text, @Nullable String project) {
    FqName name = fqName(type, text);
    if (depths(type.name(), 0).contains(name.size())) {
      return name;
    }
    List<String> parts = new ArrayList<>();
    if (type.parent("project") != null && name.size() == 1) {
      String above = project == null ? "default-domain:default-project" : project;
      parts.addAll(Arrays.asList(above.split(":", -1)));
    } else if (type.parent("project") != null && name.size() == 2
        || type.parent("domain") != null && name.size() == 1) {
      parts.add("default-domain");
    }
    parts.addAll(name.parts());
    return new FqName(parts);
  }
}
