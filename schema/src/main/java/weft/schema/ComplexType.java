package weft.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A structured value: named fields in the order in which they are written as XML. */
public final class ComplexType {
  private final String name;
  private final String description;
  private Map<String, Property> fields = Map.of();
  private List<Property> list = List.of();

  ComplexType(String name, String description) {
    this.name = name;
    this.description = description;
  }

  /** Called once while the schema is read: types name each other. */
  void define(List<Property> all) {
    Map<String, Property> byName = new LinkedHashMap<>();
    all.forEach(field -> byName.put(field.name(), field));
    fields = byName;
    list = List.copyOf(all);
  }

  public String name() {
    return name;
  }

  public String description() {
    return description;
  }

  public List<Property> fields() {
    return list;
  }

  public @Nullable Property field(String jsonName) {
    return fields.get(jsonName);
  }

  @Override
  public String toString() {
    return name;
  }
}
