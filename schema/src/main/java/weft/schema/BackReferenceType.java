package weft.schema;

/**
 * A reference seen from its target.
 *
 * @param name the JSON name, `virtual_machine_interface_back_refs`
 * @param typeName the type of the objects that refer
 */
public record BackReferenceType(String name, String typeName, ReferenceType reference) {}
