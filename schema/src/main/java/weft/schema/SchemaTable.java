package weft.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the packed schema table: one line a record, fields apart by tabs, the first field telling
 * what it is; the generator's TableWriter is its counterpart.
 */
record SchemaTable(
    List<ObjectType> types,
    Map<String, ObjectType> typesByName,
    SequencedMap<String, ComplexType> complexTypes,
    Map<String, List<String>> whitelist) {

  static SchemaTable load() {
    try (InputStream in = SchemaTable.class.getResourceAsStream("schema.table")) {
      if (in == null) {
        throw new IllegalStateException("schema.table is not in the module");
      }
      return new Parser().read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The lines of one type, before they become an ObjectType. */
  private record Draft(
      String name,
      boolean root,
      String description,
      List<ParentType> parents,
      List<Property> properties,
      List<ReferenceType> references) {
    ObjectType type() {
      return new ObjectType(name, description, root, parents, properties, references);
    }
  }

  private static final class Parser {
    private static final String ROOT = "config-root";
    private final SequencedMap<String, ComplexType> complexTypes = new LinkedHashMap<>();
    private final SequencedMap<String, ObjectType> types = new LinkedHashMap<>();
    private final Map<String, List<String>> whitelist = new LinkedHashMap<>();
    private final List<ChildType> belowRoot = new ArrayList<>();

    SchemaTable read(String text) {
      List<String[]> lines = text.lines().map(line -> line.split("\t", -1)).toList();
      for (String[] line : lines) {
        if (line[0].equals("complex")) {
          complexTypes.put(line[1], new ComplexType(line[1], line[2]));
        }
      }
      for (int i = 0; i < lines.size(); ) {
        int end = i + 1;
        while (end < lines.size() && lines.get(end)[0].startsWith(" ")) {
          end++;
        }
        section(lines.get(i), lines.subList(i + 1, end));
        i = end;
      }
      link();
      return new SchemaTable(
          List.copyOf(types.values()), types, complexTypes, Collections.unmodifiableMap(whitelist));
    }

    private void section(String[] head, List<String[]> lines) {
      switch (head[0]) {
        case "complex" -> complex(head[1]).define(lines.stream().map(this::property).toList());
        case "object" -> object(head, lines);
        case "whitelist" -> whitelist.put(head[1], words(head[2]));
        default -> throw new IllegalStateException("unknown section " + head[0]);
      }
    }

    private void object(String[] head, List<String[]> lines) {
      Draft draft =
          new Draft(
              head[1],
              head[2].equals("root"),
              head[3],
              new ArrayList<>(),
              new ArrayList<>(),
              new ArrayList<>());
      for (String[] line : lines) {
        switch (line[0]) {
          case " parent" -> {
            if (line[1].equals(ROOT)) {
              belowRoot.add(child(draft.name(), parent(line)));
            } else {
              draft.parents().add(parent(line));
            }
          }
          case " property" -> draft.properties().add(property(line));
          case " reference" -> draft.references().add(reference(line));
          default -> throw new IllegalStateException("unknown line" + line[0]);
        }
      }
      types.put(draft.name(), draft.type());
    }

    private static ParentType parent(String[] line) {
      return new ParentType(line[1], line[2].equals("derived"), line[3], Presence.valueOf(line[4]));
    }

    private ReferenceType reference(String[] line) {
      return new ReferenceType(
          line[1],
          line[2],
          line[3].isEmpty() ? null : complex(line[3]),
          line[4].equals("derived"),
          line[5],
          Presence.valueOf(line[6]));
    }

    private Property property(String[] line) {
      return new Property(
          line[1],
          line[2],
          valueType(line[3], line[4]),
          Collection.valueOf(line[5]),
          absentIfEmpty(line[6]),
          Presence.valueOf(line[7]),
          absentIfEmpty(line[8]),
          line[9]);
    }

    private ValueType valueType(String kind, String detail) {
      return switch (kind) {
        case "string" -> new ValueType.Text(words(detail));
        case "boolean" -> new ValueType.Bool();
        case "integer" -> integer(detail);
        case "unsignedLong" -> new ValueType.UnsignedLong();
        case "dateTime" -> new ValueType.Time(true);
        case "time" -> new ValueType.Time(false);
        default -> new ValueType.Complex(complex(kind));
      };
    }

    private static ValueType integer(String range) {
      if (range.isEmpty()) {
        return new ValueType.Int(Long.MIN_VALUE, Long.MAX_VALUE);
      }
      List<String> ends = words(range);
      return new ValueType.Int(Long.parseLong(ends.get(0)), Long.parseLong(ends.get(1)));
    }

    private ComplexType complex(String name) {
      ComplexType type = complexTypes.get(name);
      if (type == null) {
        throw new IllegalStateException("unknown complex type " + name);
      }
      return type;
    }

    private static List<String> words(String text) {
      return text.isEmpty() ? List.of() : Arrays.asList(text.split("\\|"));
    }

    private static @Nullable String absentIfEmpty(String text) {
      return text.isEmpty() ? null : text;
    }

    private static ChildType child(String typeName, ParentType parent) {
      return new ChildType(
          typeName.replace('-', '_') + "s", typeName, parent.derived(), parent.linkName());
    }

    private void link() {
      Map<String, List<ChildType>> children = new LinkedHashMap<>();
      Map<String, List<BackReferenceType>> backs = new LinkedHashMap<>();
      children.put(ROOT, belowRoot);
      for (ObjectType type : types.values()) {
        for (ParentType parent : type.parents()) {
          children
              .computeIfAbsent(parent.typeName(), _ -> new ArrayList<>())
              .add(child(type.name(), parent));
        }
        for (ReferenceType reference : type.references()) {
          backs
              .computeIfAbsent(reference.targetName(), _ -> new ArrayList<>())
              .add(new BackReferenceType(type.jsonName() + "_back_refs", type.name(), reference));
        }
      }
      for (ObjectType type : types.values()) {
        type.link(
            children.getOrDefault(type.name(), List.of()),
            backs.getOrDefault(type.name(), List.of()));
      }
    }
  }
}
