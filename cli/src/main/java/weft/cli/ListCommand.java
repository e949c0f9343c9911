package weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ObjectType;
import weft.schema.Schema;

/** `weft list [TYPE]`. */
@CommandLine.Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the config objects of a type, or without one the types.",
      "Where a project is chosen, only those below it."
    })
final class ListCommand implements Callable<Integer> {
  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TYPE",
      description = Words.TYPE)
  private @Nullable String type;

  @CommandLine.Option(
      names = "--parent",
      paramLabel = "NAME",
      description = "Only children of this object, by name.")
  private @Nullable String parent;

  @CommandLine.Option(
      names = {"-F", "--filter"},
      paramLabel = "FIELD=VALUE",
      description = "Only objects with this value; one field twice means either.")
  private List<String> filters = new ArrayList<>();

  @CommandLine.Option(
      names = "--fields",
      paramLabel = "A,B",
      split = ",",
      description = "Properties and references to show instead of the usual ones.")
  private List<String> fields = new ArrayList<>();

  @CommandLine.Option(
      names = "--all-projects",
      description = "Of all projects, though one is chosen.")
  private boolean allProjects;

  @CommandLine.Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many (default: all).")
  private int limit = Integer.MAX_VALUE;

  @CommandLine.Mixin private final Project project = new Project();
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() {
    if (type == null) {
      types();
    } else {
      list(Types.of(type));
    }
    return 0;
  }

  private void types() {
    List<JsonNode> rows = new ArrayList<>();
    for (ObjectType each : Schema.types()) {
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      rows.add(row.put("type", each.name()).put("description", each.description()));
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("types").addAll(rows);
    output.print(json, Table.of(rows, List.of("type")).lines());
  }

  private void list(ObjectType kind) {
    for (String field : fields) {
      checkField(kind, field);
    }
    Columns columns = fields.isEmpty() ? Columns.of(kind) : Columns.of(fields);
    Map<String, String> query = query(kind);
    boolean whole = output.format() == Format.YAML;
    if (whole) {
      query.put("detail", "true");
    } else if (!columns.fields().isEmpty()) {
      query.put("fields", String.join(",", columns.fields()));
    }
    ConfigClient client = new ConfigClient(endpoints.api(), project.name());
    List<JsonNode> found =
        client.list(kind, query, narrowed(kind) ? Integer.MAX_VALUE : limit).stream()
            .filter(each -> !narrowed(kind) || isBelow(each))
            .limit(limit)
            .toList();
    if (whole) {
      output.printYaml(found.stream().map(each -> Manifest.of(kind, each)).toList());
      return;
    }
    if (output.format() == Format.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.putArray(kind.plural()).addAll(found.stream().map(ListCommand::withName).toList());
      output.print(json);
    } else {
      List<JsonNode> rows = found.stream().map(columns::row).toList();
      Table.of(rows, columns.headings()).lines().forEach(output::print);
    }
  }

  private static JsonNode withName(JsonNode object) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("name", Types.text(object.path("fq_name")));
    out.setAll((ObjectNode) object);
    return out;
  }

  /** Whether the list is of one project: only types whose objects may be below one. */
  private boolean narrowed(ObjectType kind) {
    return project.name() != null
        && !allProjects
        && parent == null
        && (kind.parent("project") != null
            || Types.depths(kind.name(), 0).stream().allMatch(depth -> depth > 3));
  }

  private boolean isBelow(JsonNode object) {
    return Types.text(object.path("fq_name")).startsWith(project.name() + ":");
  }

  private Map<String, String> query(ObjectType kind) {
    Map<String, String> query = new LinkedHashMap<>();
    if (parent != null) {
      query.put("parent_fq_name_str", parent);
    }
    List<String> parts = new ArrayList<>();
    for (String filter : filters) {
      int equals = filter.indexOf('=');
      if (equals < 1) {
        throw new Failure("--filter " + filter + " is not of the form field=value");
      }
      String field = filter.substring(0, equals);
      String text = filter.substring(equals + 1).replaceFirst("^=", "");
      checkField(kind, field);
      parts.add(field + "==" + Rest.JSON.writeValueAsString(Assignments.value(text)));
    }
    if (!parts.isEmpty()) {
      query.put("filters", String.join(",", parts));
    }
    return query;
  }

  private static void checkField(ObjectType kind, String field) {
    TreeSet<String> known = new TreeSet<>(List.of("uuid", "fq_name", "parent_type", "parent_uuid"));
    kind.properties().forEach(each -> known.add(each.name()));
    kind.references().forEach(each -> known.add(each.name()));
    kind.children().forEach(each -> known.add(each.name()));
    kind.backReferences().forEach(each -> known.add(each.name()));
    if (!known.contains(field)) {
      throw new Failure(kind + " has no " + field + Near.hint(field, known));
    }
  }
}
