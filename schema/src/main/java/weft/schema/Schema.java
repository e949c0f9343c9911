package weft.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All types of the config, read once from the table that the generator packed. */
public final class Schema {
  private static final SchemaTable TABLE = SchemaTable.load();

  private Schema() {}

  /** By name, in order of name. */
  public static List<ObjectType> types() {
    return TABLE.types();
  }

  /** By name, `virtual-network`. */
  public static @Nullable ObjectType type(String name) {
    return TABLE.typesByName().get(name);
  }

  /** By a name that the schema is known to have. */
  public static ObjectType required(String name) {
    ObjectType type = type(name);
    if (type == null) {
      throw new IllegalArgumentException("no object type " + name);
    }
    return type;
  }

  /** By name, `SubnetType`. */
  public static @Nullable ComplexType complexType(String name) {
    return TABLE.complexTypes().get(name);
  }

  public static List<ComplexType> complexTypes() {
    return List.copyOf(TABLE.complexTypes().values());
  }

  /** The edges of the config graph that lead on from a node type, for the agents' subgraphs. */
  static Map<String, List<String>> agentWhitelist() {
    return TABLE.whitelist();
  }
}
