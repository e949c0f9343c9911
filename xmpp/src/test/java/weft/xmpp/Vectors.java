package weft.xmpp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import weft.net.XmlElement;

/** The shared vectors; a test that needs them is skipped where they are absent. */
final class Vectors {
  private static final Path ROOT =
      Path.of(System.getProperty("weft.shared", "../shared"), "data", "vectors");

  private Vectors() {}

  static byte[] bytes(String name) {
    Path file = ROOT.resolve(name);
    assumeTrue(Files.isReadable(file), () -> "no shared data: " + file);
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A sample whose comments end in `--->`, which is no XML, with those mended. */
  static byte[] mended(String name) {
    return StreamCodec.utf8(text(name).replace("--->", "-->"));
  }

  static String text(String name) {
    return new String(bytes(name), java.nio.charset.StandardCharsets.UTF_8);
  }

  static List<String> names(String folder, String prefix, String suffix) {
    Path path = ROOT.resolve(folder);
    assumeTrue(Files.isDirectory(path), () -> "no shared data: " + path);
    try (Stream<Path> files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix) && name.endsWith(suffix))
          .sorted()
          .map(name -> folder + "/" + name)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Decoded<XmlElement> xml(String text) {
    byte[] bytes = StreamCodec.utf8(text);
    return XmlReader.read(bytes, 0, bytes.length);
  }

  static XmlElement element(String text) {
    return switch (xml(text)) {
      case Decoded.Ok<XmlElement>(XmlElement element) -> element;
      case Decoded.Malformed<XmlElement> m -> throw new AssertionError(m.reason() + ": " + text);
    };
  }

  /** The messages of a stream that is open already. */
  static List<Message> messages(byte[] stream) {
    return feed(stream, stream.length);
  }

  static List<Message> feed(byte[] stream, int chunk) {
    Framer framer = new Framer(1 << 20);
    byte[] open = StreamCodec.open(new Message.StreamOpen("a", "b", "", ""));
    List<Message> messages = new java.util.ArrayList<>();
    assert framer.decode(open, open.length).size() == 1;
    for (int at = 0; at < stream.length; at += chunk) {
      byte[] part = java.util.Arrays.copyOfRange(stream, at, Math.min(stream.length, at + chunk));
      messages.addAll(framer.decode(part, part.length));
    }
    messages.removeIf(m -> m instanceof Message.KeepAlive);
    return messages;
  }

  static List<XmlElement> stanzas(byte[] stream) {
    return messages(stream).stream().map(m -> ((Message.Stanza) m).element()).toList();
  }
}
