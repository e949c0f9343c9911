package weft.schema;

/** How many values a property holds, and how they are addressed. */
public enum Collection {
  /** One value. */
  SINGLE,
  /** A JSON array of values. */
  LIST,
  /** An object of a complex type with one list field, whose elements are addressed by position. */
  WRAPPED_LIST,
  /** An object of a complex type with one list field, whose elements are addressed by a key. */
  MAP
}
