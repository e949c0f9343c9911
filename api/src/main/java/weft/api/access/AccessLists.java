package weft.api.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** The access lists of the config, each read once for as long as it stays the same. */
final class AccessLists {
  private static final String TYPE = "api-access-list";
  private static final FqName SYSTEM = FqName.of("default-global-system-config");

  private record Compiled(long revision, AccessList list) {}

  private final Map<UUID, Compiled> compiled = new ConcurrentHashMap<>();

  /** The rules of the system, of a domain and of a project. */
  Rules rules(ConfigImage image, @Nullable ConfigObject domain, @Nullable ConfigObject project) {
    List<AccessList> lists = new ArrayList<>();
    below(SYSTEM, "global-system-config", image, lists);
    if (domain != null) {
      below(domain.fqName(), "domain", image, lists);
    }
    if (project != null) {
      below(project.fqName(), "project", image, lists);
    }
    return new Rules(List.copyOf(lists));
  }

  /** By name, as a project may have far more children of other types. */
  private void below(FqName parent, String parentType, ConfigImage image, List<AccessList> lists) {
    for (ConfigObject object : image.objects(TYPE, parent)) {
      List<String> parts = object.fqName().parts();
      if (parts.size() <= parent.size()
          || !parts.subList(0, parent.size()).equals(parent.parts())) {
        return;
      }
      if (parts.size() == parent.size() + 1 && parentType.equals(object.parentType())) {
        lists.add(compiled(object));
      }
    }
  }

  private AccessList compiled(ConfigObject object) {
    Compiled known = compiled.get(object.uuid());
    if (known == null || known.revision() != object.revision()) {
      known =
          new Compiled(
              object.revision(), AccessList.of(object.property("api_access_list_entries")));
      compiled.put(object.uuid(), known);
    }
    return known.list();
  }
}
