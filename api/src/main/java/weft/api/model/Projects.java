package weft.api.model;

import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;

/** Projects: each has a default application policy set, and refers to it. */
public final class Projects implements Behaviour {
  private static final String SET = "application-policy-set";
  private static final String SETS = "application_policy_set_refs";
  private static final String NAME = "default-" + SET;

  Projects() {}

  /** Whether a project lacks the set, as those do that were made before there were sets. */
  public static boolean lacksSet(ConfigObject project) {
    return project.refs(SET).isEmpty();
  }

  /** Makes the set of a project that has none, and the reference to it. */
  public static void ensureSet(ConfigObject project, Edit edit) {
    ConfigObject known = edit.current(SET, name(project.fqName()));
    ConfigObject set = known == null ? edit.asServer(() -> created(project, edit)) : known;
    ObjectNode body = project.body().deepCopy();
    body.putArray(SETS).add(References.stored(set, NullNode.instance));
    edit.replace(
        new ConfigObject(
            project.type(), project.uuid(), project.fqName(), body, project.revision()));
  }

  private static ConfigObject created(ConfigObject project, Edit edit) {
    ObjectNode body = Json.object();
    body.set("fq_name", name(project.fqName()).toJson());
    body.put("parent_type", "project").put("all_applications", true);
    return ObjectChanges.create(Schema.required(SET), body, edit);
  }

  private static FqName name(FqName project) {
    return project.child(NAME);
  }

  @Override
  public void onCreate(Draft draft) {
    if (draft.refs(SET).isEmpty()) {
      ObjectNode properties = Json.object().put("all_applications", true);
      ConfigObject set = ObjectChanges.createChild(Schema.required(SET), draft, NAME, properties);
      draft.body().putArray(SETS).add(References.stored(set, NullNode.instance));
    }
  }

  @Override
  public void onDelete(ConfigObject project, Edit edit) {
    ConfigObject set = edit.current(SET, name(project.fqName()));
    if (set != null) {
      edit.asServer(() -> {
        ObjectChanges.delete(set, edit);
        return set;
      });
    }
  }
}
