package weft.api.access;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/**
 * Decides what callers may do, in the mode of this server.
 *
 * <p>The mode may change at any time; a request is judged in the one that it began with.
 */
public final class AccessControl {
  private static final FqName DEFAULT_DOMAIN = FqName.of("default-domain");

  private final AccessLists lists = new AccessLists();
  private volatile AaaMode mode;
  private volatile Memory memory = new Memory(ConfigImage.EMPTY, new ConcurrentHashMap<>());

  /** What was found in one state of the config, by project and domain of the callers. */
  private record Memory(ConfigImage image, Map<Tenant, Found> found) {}

  private record Tenant(@Nullable String project, @Nullable String domain) {}

  private record Found(Rules rules, @Nullable String domain) {}

  public AccessControl(AaaMode mode) {
    this.mode = mode;
  }

  public AaaMode mode() {
    return mode;
  }

  public void setMode(AaaMode mode) {
    this.mode = mode;
  }

  /** What a caller may do in a state of the config. */
  public Access access(Caller caller, ConfigImage image) {
    AaaMode now = mode;
    if (now != AaaMode.RBAC) {
      return new Access(caller, now, Rules.NONE, null);
    }
    Memory current = memory;
    if (current.image() != image) {
      current = new Memory(image, new ConcurrentHashMap<>());
      memory = current;
    }
    // An administrator may ask what is shared with him.
    Found found =
        current
            .found()
            .computeIfAbsent(
                new Tenant(caller.projectId(), caller.domainId()), tenant -> find(tenant, image));
    return new Access(caller, now, found.rules(), found.domain());
  }

  private Found find(Tenant tenant, ConfigImage image) {
    ConfigObject project = object("project", tenant.project(), image);
    ConfigObject domain = domain(tenant.domain(), image);
    String domainId = domain == null ? null : Perms2.undashed(domain.uuid());
    return new Found(lists.rules(image, domain, project), domainId);
  }

  /** Keystone has one domain that is not called by a uuid. */
  private static @Nullable ConfigObject domain(@Nullable String id, ConfigImage image) {
    return "default".equals(id)
        ? image.object("domain", DEFAULT_DOMAIN)
        : object("domain", id, image);
  }

  private static @Nullable ConfigObject object(
      String type, @Nullable String id, ConfigImage image) {
    UUID uuid = id == null ? null : Perms2.uuid(id);
    ConfigObject object = uuid == null ? null : image.object(uuid);
    return object != null && object.type().name().equals(type) ? object : null;
  }
}
