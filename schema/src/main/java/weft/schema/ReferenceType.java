package weft.schema;

import org.jspecify.annotations.Nullable;

/**
 * A kind of reference that objects of one type may hold to objects of another.
 *
 * @param name the JSON name, `virtual_network_refs`
 * @param targetName the type referred to
 * @param attr the data on the reference, if it bears any
 * @param derived whether the system makes it, so that it does not hold back a deletion
 * @param linkName its name in the config graph; with attr also the type of the node in the middle
 */
public record ReferenceType(
    String name,
    String targetName,
    @Nullable ComplexType attr,
    boolean derived,
    String linkName,
    Presence presence) {

  public ObjectType target() {
    return Schema.required(targetName);
  }
}
