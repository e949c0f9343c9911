package weft.cli;

/** How a command prints: for people, or for programs. */
enum Format {
  TABLE,
  YAML,
  JSON
}
