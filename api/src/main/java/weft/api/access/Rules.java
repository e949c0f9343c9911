package weft.api.access;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules that hold for a caller: those of the system, of the domain and of the project, joined.
 *
 * <p>The most specific rule decides: on a field of the object, on the field of any object, on the
 * object, on any object. What no rule is about is denied.
 */
record Rules(List<AccessList> lists) {
  static final Rules NONE = new Rules(List.of());

  /**
   * Whether one of the roles may do it.
   *
   * <p>To create, read or delete takes the right to the object; to create or change also that to
   * each field that has a rule of its own. A change of such fields alone is theirs to decide.
   *
   * @param fields the properties and references that a request sets
   */
  boolean allow(String object, Collection<String> fields, Right right, Set<String> roles) {
    boolean whole = right != Right.UPDATE || fields.isEmpty();
    for (String field : fields) {
      Integer granted = ofField(object, field, roles);
      if (granted == null) {
        whole = true;
      } else if ((granted & right.bit()) == 0) {
        return false;
      }
    }
    return !whole || (ofObject(object, roles) & right.bit()) != 0;
  }

  private @Nullable Integer ofField(String object, String field, Set<String> roles) {
    Integer own = joined(object, field, roles);
    return own == null ? joined(AccessList.ANY, field, roles) : own;
  }

  private int ofObject(String object, Set<String> roles) {
    Integer own = joined(object, "", roles);
    Integer granted = own == null ? joined(AccessList.ANY, "", roles) : own;
    return granted == null ? 0 : granted;
  }

  /** Null if no list has a rule on exactly this. */
  private @Nullable Integer joined(String object, String field, Set<String> roles) {
    Integer joined = null;
    for (AccessList list : lists) {
      Integer granted = list.grants(object, field, roles);
      if (granted != null) {
        joined = joined == null ? granted : joined | granted;
      }
    }
    return joined;
  }
}
