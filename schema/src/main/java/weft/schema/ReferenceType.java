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

  /**
   * The name of the node in the middle of a link that bears data, between the two objects named.
   */
  public static String linkNodeName(FqName one, FqName other) {
    String a = one.toString();
    String b = other.toString();
    return a.compareTo(b) < 0 ? "attr(" + a + "," + b + ")" : "attr(" + b + "," + a + ")";
  }

  public ObjectType target() {
    return Schema.required(targetName);
  }
}
