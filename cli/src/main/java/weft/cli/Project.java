package weft.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The project below which names are looked up first, and to which lists are narrowed. */
final class Project {
  private static final String ENVIRONMENT = "WEFT_PROJECT";
  private static final String DOMAIN = "default-domain:";

  @CommandLine.Option(
      names = "--project",
      paramLabel = "NAME",
      description = "Project of names without one, DOMAIN:PROJECT (WEFT_PROJECT).")
  private @Nullable String project;

  /** By its full name; null if the user named none. */
  @Nullable String name() {
    String chosen = project == null ? System.getenv(ENVIRONMENT) : project;
    if (chosen == null || chosen.isEmpty()) {
      return null;
    }
    return chosen.contains(":") ? chosen : DOMAIN + chosen;
  }
}
