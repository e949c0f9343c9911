package weft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The commands on config objects: get, list, create, set, delete. */
final class ObjectCommands {
  private ObjectCommands() {}

  private static final String TYPE = "Such as virtual-network, or short: vn.";
  private static final String NAME = "Such as default-domain:project:name, or a uuid.";

  /** `weft get TYPE NAME`. */
  @CommandLine.Command(
      name = "get",
      mixinStandardHelpOptions = true,
      description = "Shows a config object.")
  static final class Get implements Callable<Integer> {
    @CommandLine.Parameters(index = "0", paramLabel = "TYPE", description = TYPE)
    private String type = "";

    @CommandLine.Parameters(index = "1", paramLabel = "NAME", description = NAME)
    private String name = "";

    @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
    @CommandLine.Mixin private final Output output = new Output();

    @Override
    public Integer call() {
      JsonNode object = new ConfigClient(endpoints.api()).read(ConfigClient.type(type), name);
      output.print(object, Outline.of(forPeople(object)));
      return 0;
    }

    /** Names joined and references short; what every object has, and nobody reads, left out. */
    private static JsonNode forPeople(JsonNode object) {
      ObjectNode shown = JsonNodeFactory.instance.objectNode();
      object.forEachEntry((key, value) -> {
        switch (key) {
          case "fq_name" -> shown.put(key, joined(value));
          case "id_perms", "perms2", "href", "parent_href" -> {}
          default -> shown.set(key, value.isArray() ? links(value) : value);
        }
      });
      return shown;
    }

    private static JsonNode links(JsonNode list) {
      var shown = JsonNodeFactory.instance.arrayNode();
      for (JsonNode each : list) {
        if (!each.has("to")) {
          return list;
        }
        JsonNode attr = each.path("attr");
        if (!Table.text(attr).isEmpty()) {
          ObjectNode link = shown.addObject().put("to", joined(each.get("to")));
          link.set("attr", attr);
        } else {
          shown.add(joined(each.get("to")));
        }
      }
      return shown;
    }
  }

  private static String joined(JsonNode fqName) {
    return String.join(":", fqName.valueStream().map(JsonNode::asString).toList());
  }

  /** `weft list [TYPE]`. */
  @CommandLine.Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the config objects of a type, or without one the types.")
  static final class ListThem implements Callable<Integer> {
    @CommandLine.Parameters(index = "0", arity = "0..1", paramLabel = "TYPE", description = TYPE)
    private @Nullable String type;

    @CommandLine.Option(
        names = "--parent",
        paramLabel = "NAME",
        description = "Only children of this object, by name.")
    private @Nullable String parent;

    @CommandLine.Option(
        names = "--fields",
        paramLabel = "A,B",
        description = "Properties to show too.")
    private @Nullable String fields;

    @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
    @CommandLine.Mixin private final Output output = new Output();

    @Override
    public Integer call() {
      ConfigClient client = new ConfigClient(endpoints.api());
      List<JsonNode> rows = new ArrayList<>();
      if (type == null) {
        client
            .types()
            .forEach(name -> rows.add(JsonNodeFactory.instance.objectNode().put("type", name)));
      } else {
        for (JsonNode item : list(client, type)) {
          rows.add(row(item));
        }
      }
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      var array = json.putArray(type == null ? "types" : ConfigClient.type(type) + "s");
      rows.forEach(array::add);
      output.print(json, Table.of(rows, List.of("name", "uuid")).lines());
      return 0;
    }

    /** Takes the plural, too. */
    private List<JsonNode> list(ConfigClient client, String word) {
      List<String> query = new ArrayList<>();
      if (parent != null) {
        query.add("parent_fq_name_str=" + encode(parent));
      }
      if (fields != null) {
        query.add("fields=" + encode(fields));
      }
      String text = query.isEmpty() ? "" : "?" + String.join("&", query);
      String name = ConfigClient.type(word);
      try {
        return client.list(name, text);
      } catch (Failure e) {
        if (e.status() == 404 && name.endsWith("s")) {
          return client.list(name.substring(0, name.length() - 1), text);
        }
        throw e.status() == 404 ? new Failure("no type " + word + ": see weft list") : e;
      }
    }

    private static String encode(String text) {
      return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }

    private static JsonNode row(JsonNode item) {
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      row.put("name", joined(item.path("fq_name")));
      item.forEachEntry((key, value) -> {
        if (!key.equals("fq_name") && !key.equals("href")) {
          row.set(key, value);
        }
      });
      return row;
    }
  }

  /** `weft create TYPE [NAME] [-f FILE] [key=value…]`. */
  @CommandLine.Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Creates a config object.")
  static final class Create implements Callable<Integer> {
    @CommandLine.Parameters(index = "0", paramLabel = "TYPE", description = TYPE)
    private String type = "";

    @CommandLine.Parameters(
        index = "1..*",
        paramLabel = "NAME | KEY=VALUE",
        description = {
          "Its name, default-domain:project:name, and properties:",
          "mtu=1500, a.b=text, network_policy_refs=name,name"
        })
    private List<String> words = new ArrayList<>();

    @CommandLine.Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "JSON of the object; - reads standard input.")
    private @Nullable String file;

    @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
    @CommandLine.Mixin private final Output output = new Output();

    @Override
    public Integer call() {
      String name = ConfigClient.type(type);
      ObjectNode body = file == null ? JsonNodeFactory.instance.objectNode() : fromFile(file, name);
      List<String> assignments = new ArrayList<>(words);
      if (!assignments.isEmpty() && assignments.getFirst().indexOf('=') < 0) {
        body.set("fq_name", ConfigClient.fqName(name, assignments.removeFirst()));
      }
      Assignments.apply(assignments, body);
      if (!body.has("fq_name")) {
        throw new Failure("name the object: weft create " + type + " default-domain:project:name");
      }
      JsonNode created = new ConfigClient(endpoints.api()).create(name, body);
      output.print(
          created,
          List.of(
              "created "
                  + name
                  + " "
                  + joined(created.path("fq_name"))
                  + " "
                  + created.path("uuid").asString("")));
      return 0;
    }
  }

  /** `weft set TYPE NAME key=value…`. */
  @CommandLine.Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Changes properties or references of a config object.")
  static final class Change implements Callable<Integer> {
    @CommandLine.Parameters(index = "0", paramLabel = "TYPE", description = TYPE)
    private String type = "";

    @CommandLine.Parameters(index = "1", paramLabel = "NAME", description = NAME)
    private String name = "";

    @CommandLine.Parameters(
        index = "2..*",
        paramLabel = "KEY=VALUE",
        description = "null takes the property away.")
    private List<String> words = new ArrayList<>();

    @CommandLine.Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "JSON with what changes; - reads standard input.")
    private @Nullable String file;

    @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
    @CommandLine.Mixin private final Output output = new Output();

    @Override
    public Integer call() {
      ConfigClient client = new ConfigClient(endpoints.api());
      String kind = ConfigClient.type(type);
      ObjectNode body = file == null ? JsonNodeFactory.instance.objectNode() : fromFile(file, kind);
      Assignments.apply(words, body);
      String uuid = client.uuid(kind, name);
      client.update(kind, uuid, body);
      output.print(
          JsonNodeFactory.instance.objectNode().put("uuid", uuid),
          List.of("changed " + kind + " " + name));
      return 0;
    }
  }

  /** `weft delete TYPE NAME…`. */
  @CommandLine.Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Deletes config objects.")
  static final class Delete implements Callable<Integer> {
    @CommandLine.Parameters(index = "0", paramLabel = "TYPE", description = TYPE)
    private String type = "";

    @CommandLine.Parameters(index = "1..*", arity = "1..*", paramLabel = "NAME", description = NAME)
    private List<String> names = new ArrayList<>();

    @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
    @CommandLine.Mixin private final Output output = new Output();

    @Override
    public Integer call() {
      ConfigClient client = new ConfigClient(endpoints.api());
      String kind = ConfigClient.type(type);
      for (String name : names) {
        String uuid = client.uuid(kind, name);
        client.delete(kind, uuid);
        output.print(
            JsonNodeFactory.instance.objectNode().put("uuid", uuid),
            List.of("deleted " + kind + " " + name));
      }
      return 0;
    }
  }

  /** Takes `{"virtual-network": {…}}` and what is inside of it. */
  private static ObjectNode fromFile(String file, String type) {
    try {
      byte[] bytes =
          file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
      JsonNode json = Rest.JSON.readTree(bytes);
      if ((json.has(type) ? json.get(type) : json) instanceof ObjectNode body) {
        return body;
      }
      throw new Failure(file + ": a JSON object is expected");
    } catch (java.nio.file.NoSuchFileException e) {
      throw new Failure(file + ": no such file");
    } catch (IOException | JacksonException e) {
      throw new Failure(file + ": " + e.getMessage());
    }
  }
}
