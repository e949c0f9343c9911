package weft.api.access;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import weft.schema.ConfigObject;

/** The permissions that an object bears: of its owner, of those it is shared with, of all. */
public final class Perms2 {
  public static final int READ = 4;
  public static final int WRITE = 2;
  public static final int LINK = 1;
  public static final int ALL = READ | WRITE | LINK;

  private static final String TENANT = "tenant:";
  private static final String DOMAIN = "domain:";

  private Perms2() {}

  /**
   * What a project of a domain may do with the object.
   *
   * @param project its uuid without dashes; null for none
   * @param domain uuid without dashes of the object that stands for the domain; null for none
   */
  public static int bits(ConfigObject object, @Nullable String project, @Nullable String domain) {
    JsonNode perms2 = perms2(object);
    int bits = perms2.path("global_access").asInt(0);
    if (project != null && matches(perms2.path("owner").asString(""), 0, project)) {
      bits |= perms2.path("owner_access").asInt(0);
    }
    return (bits | shared(perms2, project, domain)) & ALL;
  }

  /** What an object that belongs to others is shared with a project or domain, or all, for. */
  public static int sharedBits(
      ConfigObject object, @Nullable String project, @Nullable String domain) {
    JsonNode perms2 = perms2(object);
    return (perms2.path("global_access").asInt(0) | shared(perms2, project, domain)) & ALL;
  }

  private static JsonNode perms2(ConfigObject object) {
    JsonNode perms2 = object.property("perms2");
    return perms2 == null ? MissingNode.getInstance() : perms2;
  }

  private static int shared(JsonNode perms2, @Nullable String project, @Nullable String domain) {
    int bits = 0;
    for (JsonNode share : perms2.path("share")) {
      String with = share.path("tenant").asString("");
      boolean ours;
      if (with.startsWith(DOMAIN)) {
        ours = domain != null && matches(with, DOMAIN.length(), domain);
      } else {
        // Without a prefix, a tenant is meant.
        int from = with.startsWith(TENANT) ? TENANT.length() : 0;
        ours = project != null && matches(with, from, project);
      }
      if (ours) {
        bits |= share.path("tenant_access").asInt(0);
      }
    }
    return bits;
  }

  static boolean ownedBy(ConfigObject object, @Nullable String project) {
    return project != null && matches(owner(object), 0, project);
  }

  /** The owner as it is written; empty if there is none. */
  static String owner(ConfigObject object) {
    return perms2(object).path("owner").asString("");
  }

  /** Whether the text from a place on is `id`, which has no dashes, with or without them. */
  private static boolean matches(String text, int from, String id) {
    int at = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '-') {
        continue;
      }
      if (at >= id.length() || Character.toLowerCase(c) != id.charAt(at)) {
        return false;
      }
      at++;
    }
    return at == id.length() && at > 0;
  }

  /** Null for what is no uuid, with or without dashes. */
  public static @Nullable UUID uuid(String id) {
    String hex = id.replace("-", "");
    if (hex.length() != 32) {
      return null;
    }
    try {
      return new UUID(
          Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
    } catch (NumberFormatException _) {
      return null;
    }
  }

  /** As owners are written. */
  public static String undashed(UUID uuid) {
    return uuid.toString().replace("-", "");
  }
}
