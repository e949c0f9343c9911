package weft.api.access;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.ObjectType;
import weft.schema.PythonText;

/**
 * What one caller may do in one state of the config: first by the rules for roles, then by the
 * permissions of each object.
 *
 * <p>A refusal is thrown with the text that clients know.
 */
public final class Access {
  /** Nothing is denied. */
  public static final Access UNLIMITED =
      new Access(Caller.SYSTEM, AaaMode.NO_AUTH, Rules.NONE, null);

  private final Caller caller;
  private final AaaMode mode;
  private final Rules rules;
  private final @Nullable String domain;
  private final boolean unlimited;

  /**
   * @param domain uuid without dashes of the object that stands for the caller's domain
   */
  Access(Caller caller, AaaMode mode, Rules rules, @Nullable String domain) {
    this.caller = caller;
    this.mode = mode;
    this.rules = rules;
    this.domain = domain;
    this.unlimited = mode == AaaMode.NO_AUTH || caller.admin();
  }

  public Caller caller() {
    return caller;
  }

  /** True if nothing is denied: who goes over many objects need not ask for each. */
  public boolean unlimited() {
    return unlimited;
  }

  /** True if every object may be read. */
  public boolean seesAll() {
    return unlimited || caller.readsAll();
  }

  /**
   * Refuses what the rules do not grant the caller's roles.
   *
   * @param object a type, or the path of what is not about objects
   */
  public void check(Right right, String object) {
    check(right, object, List.of());
  }

  /** As {@link #check(Right, String)}, with the properties and references that are set. */
  public void check(Right right, String object, Collection<String> fields) {
    if (unlimited) {
      return;
    }
    checkRoles();
    if (caller.readsAll() && right == Right.READ) {
      return;
    }
    if (mode == AaaMode.CLOUD_ADMIN) {
      throw new HttpError(403, "403 Permission Denied");
    }
    if (!rules.allow(object, fields, right, caller.roles())) {
      throw denied(String.valueOf(right.letter()), object);
    }
  }

  /** Refuses who has no role at all, and who is of no use in this mode. */
  public void checkKnown() {
    if (!unlimited) {
      checkRoles();
      if (mode == AaaMode.CLOUD_ADMIN && !caller.readsAll()) {
        throw new HttpError(403, "403 Permission Denied");
      }
    }
  }

  private void checkRoles() {
    if (caller.roles().isEmpty()) {
      throw new HttpError(401, "roles empty!!");
    }
  }

  /** Refuses everybody but a cloud administrator. */
  public void checkAdmin() {
    if (!unlimited) {
      throw new HttpError(403, "403 Permission Denied");
    }
  }

  /** Whether the object can be seen: its permissions alone, not the rules. */
  public boolean reads(ConfigObject object) {
    return seesAll() || has(object, Perms2.READ) && visible(object);
  }

  /** Whether the object is of others, and yet shared with the caller. */
  public boolean sharedToRead(ConfigObject object) {
    return !Perms2.ownedBy(object, caller.projectId())
        && (Perms2.sharedBits(object, caller.projectId(), domain) & Perms2.READ) != 0
        && (unlimited || visible(object));
  }

  public void checkRead(ConfigObject object) {
    if (!seesAll()) {
      checkVisible(object);
      require(object, Perms2.READ, "R");
    }
  }

  public void checkWrite(ConfigObject object) {
    if (!unlimited) {
      checkVisible(object);
      require(object, Perms2.WRITE, "U");
    }
  }

  /** Refuses a new object below a parent that may not be written. */
  public void checkCreate(ObjectType type, @Nullable ConfigObject parent) {
    if (!unlimited && parent != null && !has(parent, Perms2.WRITE)) {
      throw denied("C", type.name() + " in " + parent.type() + " " + parent.uuid());
    }
  }

  /** Refuses a reference to an object that may not be linked to. */
  public void checkLink(ConfigObject target) {
    if (!unlimited) {
      require(target, Perms2.LINK, "link to");
    }
  }

  /**
   * Refuses the deletion of what is not the caller's own.
   *
   * @param parent null for a root, which has to allow writing itself
   */
  public void checkDelete(ConfigObject object, @Nullable ConfigObject parent) {
    if (unlimited) {
      return;
    }
    checkVisible(object);
    ConfigObject held = parent == null ? object : parent;
    if (!has(held, Perms2.WRITE) || !Perms2.ownedBy(object, caller.projectId())) {
      throw denied("D", object.type() + " " + object.uuid());
    }
  }

  /** The letters of what the caller may do with an object. */
  public String permissions(ConfigObject object) {
    int bits = unlimited ? Perms2.ALL : Perms2.bits(object, caller.projectId(), domain);
    if (seesAll()) {
      bits |= Perms2.READ;
    }
    return ((bits & Perms2.READ) == 0 ? "" : "R")
        + ((bits & Perms2.WRITE) == 0 ? "" : "W")
        + ((bits & Perms2.LINK) == 0 ? "" : "X");
  }

  /**
   * Whom a new object belongs to: the caller's project, else the owner of its parent.
   *
   * @return null for nobody in particular
   */
  public @Nullable String owner(@Nullable ConfigObject parent) {
    String project = caller.projectId();
    if (project != null) {
      return project;
    }
    String inherited = parent == null ? "" : Perms2.owner(parent);
    return inherited.isEmpty() ? null : inherited;
  }

  private boolean has(ConfigObject object, int bit) {
    return (Perms2.bits(object, caller.projectId(), domain) & bit) != 0;
  }

  private void require(ConfigObject object, int bit, String what) {
    if (!has(object, bit)) {
      throw denied(what, object.type() + " " + object.uuid());
    }
  }

  private static boolean visible(ConfigObject object) {
    JsonNode idPerms = object.property("id_perms");
    return idPerms == null || idPerms.path("user_visible").asBoolean(true);
  }

  private static void checkVisible(ConfigObject object) {
    if (!visible(object)) {
      throw HttpError.notFound("This object is not visible by users: " + object.uuid());
    }
  }

  private HttpError denied(String what, String object) {
    String project = caller.project();
    return new HttpError(
        403,
        "Permission Denied for "
            + caller.user()
            + " as "
            + PythonText.of(sorted(caller.roles()))
            + " to "
            + what
            + " "
            + object
            + " in "
            + (project == null ? "*" : project));
  }

  private static List<String> sorted(Set<String> roles) {
    return roles.stream().sorted().toList();
  }
}
