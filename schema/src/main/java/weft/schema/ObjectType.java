package weft.schema;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A type of config object: its place in the tree, its properties and what it may refer to. */
public final class ObjectType {
  private final String name;
  private final String description;
  private final boolean root;
  private final Named<ParentType> parents;
  private final Named<Property> properties;
  private final Named<ReferenceType> references;
  private Named<ChildType> children = Named.of(List.of(), ChildType::name);
  private Named<BackReferenceType> backReferences = Named.of(List.of(), BackReferenceType::name);

  /** Things in order, and by their names. */
  private record Named<T>(List<T> all, Map<String, T> byName) {
    static <T> Named<T> of(List<T> all, Function<T, String> name) {
      Map<String, T> map = HashMap.newHashMap(all.size());
      all.forEach(each -> map.put(name.apply(each), each));
      return new Named<>(List.copyOf(all), map);
    }

    @Nullable T get(String name) {
      return byName.get(name);
    }
  }

  ObjectType(
      String name,
      String description,
      boolean root,
      List<ParentType> parents,
      List<Property> properties,
      List<ReferenceType> references) {
    this.name = name;
    this.description = description;
    this.root = root;
    this.parents = Named.of(parents, ParentType::typeName);
    this.properties = Named.of(properties, Property::name);
    this.references = Named.of(references, ReferenceType::name);
  }

  /** Called once while the schema is read, when all types are known. */
  void link(List<ChildType> itsChildren, List<BackReferenceType> itsBackReferences) {
    children = Named.of(itsChildren, ChildType::name);
    backReferences = Named.of(itsBackReferences, BackReferenceType::name);
  }

  /** `virtual-network`. */
  public String name() {
    return name;
  }

  /** `virtual_network`. */
  public String jsonName() {
    return name.replace('-', '_');
  }

  /** `virtual-networks`: always the name and an s. */
  public String plural() {
    return name + "s";
  }

  public String description() {
    return description;
  }

  /** Whether an object of the type may be without parent. */
  public boolean root() {
    return root;
  }

  /** The types of which a parent may be; the root of the tree is not named here. */
  public List<ParentType> parents() {
    return parents.all();
  }

  public @Nullable ParentType parent(String typeName) {
    return parents.get(typeName);
  }

  public List<Property> properties() {
    return properties.all();
  }

  public @Nullable Property property(String jsonName) {
    return properties.get(jsonName);
  }

  public List<ReferenceType> references() {
    return references.all();
  }

  /** By JSON name, `virtual_network_refs`. */
  public @Nullable ReferenceType reference(String jsonName) {
    return references.get(jsonName);
  }

  /** By the type referred to, `virtual-network`. */
  public @Nullable ReferenceType referenceTo(String typeName) {
    return references.get(typeName.replace('-', '_') + "_refs");
  }

  public List<ChildType> children() {
    return children.all();
  }

  /** By JSON name, `routing_instances`. */
  public @Nullable ChildType child(String jsonName) {
    return children.get(jsonName);
  }

  public List<BackReferenceType> backReferences() {
    return backReferences.all();
  }

  /** By JSON name, `virtual_machine_interface_back_refs`. */
  public @Nullable BackReferenceType backReference(String jsonName) {
    return backReferences.get(jsonName);
  }

  @Override
  public String toString() {
    return name;
  }
}
