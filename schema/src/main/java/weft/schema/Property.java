package weft.schema;

import org.jspecify.annotations.Nullable;

/**
 * A property of an object type or a field of a complex type.
 *
 * @param name the JSON name
 * @param xmlName the name on the config channel to agents
 * @param type of one value; of the wrapping object for WRAPPED_LIST and MAP
 * @param mapKey the element field that is the key of a MAP
 * @param defaultValue what is meant if the property is absent; never filled in by the API
 * @param description empty if the name says it
 */
public record Property(
    String name,
    String xmlName,
    ValueType type,
    Collection collection,
    @Nullable String mapKey,
    Presence presence,
    @Nullable String defaultValue,
    String description) {

  /** For WRAPPED_LIST and MAP the field of the wrapping object that holds the elements. */
  public Property elements() {
    if (type instanceof ValueType.Complex wrapper
        && (collection == Collection.WRAPPED_LIST || collection == Collection.MAP)) {
      return wrapper.type().fields().getFirst();
    }
    throw new IllegalStateException(name + " is neither list nor map");
  }
}
