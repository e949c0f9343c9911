package weft.neutron;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;

/** The config as one call reads it. */
final class View implements Lookup {
  private final ConfigImage image;
  private final Context context;
  private final Plugging plugging;
  private final Map<UUID, String> projects = new HashMap<>();
  private final Map<UUID, List<ConfigObject>> interfaces = new HashMap<>();

  View(ConfigImage image, Context context, Plugging plugging) {
    this.image = image;
    this.context = context;
    this.plugging = plugging;
  }

  @Override
  public Context context() {
    return context;
  }

  @Override
  public ConfigImage image() {
    return image;
  }

  Plugging plugging() {
    return plugging;
  }

  @Override
  public @Nullable ConfigObject object(UUID uuid) {
    return image.object(uuid);
  }

  @Override
  public List<ConfigObject> referrers(UUID uuid, String type) {
    return image.referrers(uuid, type);
  }

  /** Looked for once a network and call: each floating address asks for them. */
  @Override
  public List<ConfigObject> routerInterfaces(UUID network) {
    return interfaces.computeIfAbsent(network, Lookup.super::routerInterfaces);
  }

  /**
   * The objects of a type below projects that may be seen, as few as the filters by id and project
   * allow.
   */
  Collection<ConfigObject> below(String type, Selection selection) {
    Set<String> ids = selection.ids();
    if (ids != null) {
      return byId(type, ids);
    }
    Set<String> wanted = selection.only("tenant_id");
    wanted = wanted == null ? selection.only("project_id") : wanted;
    UUID tenant = context.tenant();
    if (context.access() != null) {
      return image.objects(type);
    }
    if (!context.admin()) {
      return tenant == null ? List.of() : image.children(tenant, type);
    }
    if (wanted == null) {
      return image.objects(type);
    }
    List<ConfigObject> found = new ArrayList<>();
    for (String each : wanted) {
      UUID project = Ids.parse(each);
      if (project != null) {
        found.addAll(image.children(project, type));
      }
    }
    return found;
  }

  Collection<ConfigObject> byId(String type, Set<String> ids) {
    List<ConfigObject> found = new ArrayList<>();
    for (String id : ids) {
      ConfigObject object = object(type, id);
      if (object != null) {
        found.add(object);
      }
    }
    return found;
  }

  /** The undashed form of a project's uuid, made once a call. */
  String tenant(UUID project) {
    return projects.computeIfAbsent(project, Ids::undashed);
  }
}
