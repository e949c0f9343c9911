package weft.schema;

/**
 * A type whose objects may be children.
 *
 * @param name the JSON name, `routing_instances`
 * @param derived whether the system makes such children, so that they do not hold back a deletion
 */
public record ChildType(String name, String typeName, boolean derived, String linkName) {}
