package weft.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Signs certificates for servers at 127.0.0.1, by `openssl`.
 *
 * @param certificate of the authority itself, in PEM
 */
public record TestAuthority(Path directory, String name, Path certificate) {

  /** A certificate and its key, in PEM. */
  public record Pair(Path certificate, Path key) {}

  /** A new authority, whose files go to a directory. */
  public static TestAuthority of(Path directory, String name)
      throws IOException, InterruptedException {
    openssl(
        directory,
        ("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                + " -subj /CN=%1$s -keyout %1$s.key -out %1$s.pem")
            .formatted(name));
    return new TestAuthority(directory, name, directory.resolve(name + ".pem"));
  }

  /** A server's certificate for 127.0.0.1. */
  public Pair sign(String server) throws IOException, InterruptedException {
    openssl(
        directory,
        ("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                + " -subj /CN=%1$s -keyout %1$s.key -out %1$s.csr")
            .formatted(server));
    Path names = directory.resolve(server + ".names");
    Files.writeString(names, "subjectAltName=IP:127.0.0.1\n");
    openssl(
        directory,
        ("x509 -req -days 2 -in %1$s.csr -CA %2$s.pem -CAkey %2$s.key -CAcreateserial"
                + " -extfile %1$s.names -out %1$s.pem")
            .formatted(server, name));
    return new Pair(directory.resolve(server + ".pem"), directory.resolve(server + ".key"));
  }

  private static void openssl(Path directory, String arguments)
      throws IOException, InterruptedException {
    List<String> command = List.of(("openssl " + arguments).split(" "));
    Path log = directory.resolve("openssl.log");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(command + ": " + Files.readString(log));
    }
  }
}
