package weft.schema.generator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Writes the records and the packed table of the schema from its description files. */
public final class Generator {
  private Generator() {}

  /**
   * Takes three directories: descriptions, Java sources to write, resources to write. A file whose
   * content would not change is left alone, so that a build with nothing new compiles nothing.
   */
  public static void main(String[] args) throws IOException {
    Description description = DescriptionReader.read(Path.of(args[0]));
    Path sources = Path.of(args[1], "weft", "schema", "gen");
    Path resources = Path.of(args[2], "weft", "schema");
    Files.createDirectories(sources);
    Files.createDirectories(resources);

    Set<Path> written = new HashSet<>();
    List<RecordWriter> records =
        Stream.concat(
                description.types().values().stream().map(RecordWriter::of),
                description.objects().values().stream().map(RecordWriter::of))
            .toList();
    for (RecordWriter record : records) {
      Path file = sources.resolve(record.name() + ".java");
      if (!written.add(file)) {
        throw new IllegalArgumentException("two types would be the class " + record.name());
      }
      write(file, record.source());
    }
    write(resources.resolve("schema.table"), TableWriter.write(description));
    removeOthers(sources, written);
  }

  private static void write(Path file, String content) throws IOException {
    if (!Files.exists(file) || !Files.readString(file).equals(content)) {
      Files.writeString(file, content);
    }
  }

  private static void removeOthers(Path directory, Set<Path> keep) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.toList();
    }
    for (Path file : files) {
      if (!keep.contains(file)) {
        Files.delete(file);
      }
    }
  }
}
