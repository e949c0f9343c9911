package weft.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import weft.config.Backup;
import weft.config.BackupException;
import weft.config.Restore;
import weft.controller.ControllerOptions;
import weft.controller.StoreOptions;
import weft.state.EventLoop;
import weft.store.Snapshot;
import weft.store.Store;

/** Saving all that is configured to a file, and bringing it back. */
final class BackupCommands {
  private BackupCommands() {}

  /** What is done with a store that no controller of this process has open. */
  private interface Work {
    Backup.Summary with(Store store) throws IOException;
  }

  private static Backup.Summary open(Path config, Work work) throws IOException {
    StoreOptions options;
    try {
      options = ControllerOptions.read(config).store();
    } catch (IllegalArgumentException e) {
      throw new Failure(config + ": " + e.getMessage());
    }
    EventLoop clock =
        EventLoop.start(
            "store-clock",
            (where, cause) -> {
              throw new IllegalStateException("fault in " + where, cause);
            });
    try (clock;
        Store store = options.open(clock)) {
      return work.with(store);
    }
  }

  private static void say(CommandLine.Model.CommandSpec spec, String what, Backup.Summary summary) {
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %d entries, revision %d, %s%n",
            what, summary.entries(), summary.revision(), summary.made());
    spec.commandLine().getOut().flush();
  }

  /** `weft backup FILE`: through the running API, or from the store itself. */
  @CommandLine.Command(
      name = "backup",
      mixinStandardHelpOptions = true,
      description = "Saves all that is configured, as it is at one moment, to a file.")
  static final class Save implements Callable<Integer> {
    @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();

    @CommandLine.Parameters(
        paramLabel = "FILE",
        description = "Replaced if it is there. Compressed if its name ends with .gz.")
    private Path file = Path.of("");

    @CommandLine.Option(
        names = "--config",
        paramLabel = "FILE",
        description =
            "A controller's properties file: reads its store directly, which, if it is embedded,"
                + " no controller may have open.")
    private @Nullable Path config;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() throws IOException {
      Path part = file.resolveSibling(file.getFileName() + ".part");
      try {
        if (config == null) {
          try (InputStream in = endpoints.api().stream("/backup");
              OutputStream out = create(part)) {
            in.transferTo(out);
          }
        } else {
          open(
              config,
              store -> {
                try (Snapshot snapshot = store.snapshot();
                    OutputStream out = create(part)) {
                  return Backup.write(snapshot, Instant.now(), out);
                }
              });
        }
        // What is not whole is no backup.
        Backup.Summary summary = Backup.read(part, (key, value) -> {});
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        say(spec, file.toString(), summary);
        return 0;
      } catch (BackupException e) {
        throw new Failure("the backup broke off: " + e.getMessage());
      } finally {
        Files.deleteIfExists(part);
      }
    }

    private OutputStream create(Path part) throws IOException {
      Files.deleteIfExists(part);
      Path created =
          Files.createFile(
              part,
              java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                  java.nio.file.attribute.PosixFilePermissions.fromString("rw-------")));
      OutputStream out = new java.io.BufferedOutputStream(Files.newOutputStream(created), 1 << 16);
      return file.toString().endsWith(".gz") ? new GZIPOutputStream(out) : out;
    }
  }

  /** `weft restore FILE --config FILE`: into the store itself. */
  @CommandLine.Command(
      name = "restore",
      mixinStandardHelpOptions = true,
      description = {
        "Replaces all that is configured by what a backup holds: all of it, or nothing.",
        "An embedded store must not be open: stop its controller before. Controllers over an etcd"
            + " may run: they refuse changes meanwhile and then show all of it at once."
      })
  static final class Load implements Callable<Integer> {
    @CommandLine.Parameters(paramLabel = "FILE", description = "As `weft backup` wrote it.")
    private Path file = Path.of("");

    @CommandLine.Option(
        names = "--config",
        paramLabel = "FILE",
        required = true,
        description = "The properties file of a controller whose store it is.")
    private Path config = Path.of("");

    @CommandLine.Option(
        names = "--force",
        description = "Also if the store is not empty; what it holds is lost.")
    private boolean force;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() throws IOException {
      try {
        say(spec, "restored", open(config, store -> Restore.run(store, file, force)));
        return 0;
      } catch (BackupException e) {
        throw new Failure(String.valueOf(e.getMessage()));
      }
    }
  }
}
