package weft.schema;

/** Who is to set a property. */
public enum Presence {
  REQUIRED,
  OPTIONAL,
  /** One of the fields of its type with this mark is to be set. */
  EXCLUSIVE,
  /** Set by the system itself. */
  SYSTEM_ONLY,
  ADMIN_ONLY,
  UNSPECIFIED
}
