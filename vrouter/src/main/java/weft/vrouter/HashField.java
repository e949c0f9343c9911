package weft.vrouter;

import java.util.EnumSet;
import java.util.Set;

/** What of a flow may choose one of several equal ways. The order is the kernel's. */
public enum HashField {
  PROTOCOL,
  SOURCE,
  SOURCE_PORT,
  DESTINATION,
  DESTINATION_PORT;

  /** All that tells connections apart. */
  public static final Set<HashField> ALL = Set.copyOf(EnumSet.allOf(HashField.class));
}
