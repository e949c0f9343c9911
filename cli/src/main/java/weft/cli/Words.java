package weft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ObjectType;

/** What the commands on objects say of their arguments, and how they read files. */
final class Words {
  static final String TYPE = "Such as virtual-network, or short: vn.";
  static final String NAME = "Such as default-domain:project:name, the end of it, or a uuid.";

  private Words() {}

  /** A file as text; `-` is standard input. */
  static String read(String file) {
    try {
      return file.equals("-")
          ? new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (NoSuchFileException e) {
      throw new Failure(file + ": no such file");
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new Failure(file + ": is not UTF-8");
    } catch (IOException e) {
      throw new Failure(file + ": " + e.getMessage());
    }
  }

  /** An object out of a file, JSON or YAML: `{"virtual-network": {…}}` or what is inside of it. */
  static ObjectNode object(String file, ObjectType type) {
    List<Yaml.Document> documents = Yaml.read(file, read(file));
    JsonNode root = documents.size() == 1 ? documents.getFirst().root() : null;
    if (root != null
        && (root.has(type.name()) ? root.get(type.name()) : root) instanceof ObjectNode body) {
      return body;
    }
    throw new Failure(file + ": one object is expected");
  }
}
