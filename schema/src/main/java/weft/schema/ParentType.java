package weft.schema;

/**
 * A type whose objects may be the parent.
 *
 * @param derived whether the system makes such children, so that they do not hold back a deletion
 * @param linkName the name of the edge between parent and child in the config graph
 */
public record ParentType(String typeName, boolean derived, String linkName, Presence presence) {}
