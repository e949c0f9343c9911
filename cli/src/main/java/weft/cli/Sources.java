package weft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/** The files that `weft apply` and `weft diff` read. */
final class Sources {
  @CommandLine.Option(
      names = {"-f", "--file"},
      paramLabel = "FILE|DIR|-",
      required = true,
      description = {
        "YAML, one or more documents; of a folder all *.yaml, *.yml and *.json below it;",
        "- reads standard input. May be given several times."
      })
  private List<String> files = new ArrayList<>();

  /** What the files say, in their order; those of a folder by name. */
  List<Manifest> manifests() {
    List<Manifest> all = new ArrayList<>();
    for (String file : expanded()) {
      String name = file.equals("-") ? "standard input" : file;
      Yaml.read(name, Words.read(file)).forEach(each -> all.addAll(Manifest.read(each)));
    }
    return all;
  }

  private List<String> expanded() {
    List<String> all = new ArrayList<>();
    for (String file : files) {
      Path path = Path.of(file);
      if (file.equals("-") || !Files.isDirectory(path)) {
        all.add(file);
        continue;
      }
      try (Stream<Path> below = Files.walk(path)) {
        all.addAll(
            below
                .filter(each -> each.toString().matches(".*\\.(yaml|yml|json)"))
                .filter(Files::isRegularFile)
                .map(Path::toString)
                .sorted()
                .toList());
      } catch (IOException e) {
        throw new Failure(file + ": " + e.getMessage());
      }
    }
    return all;
  }
}
