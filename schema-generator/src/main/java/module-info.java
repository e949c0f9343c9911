/** Turns the config schema files into Java. */
@org.jspecify.annotations.NullMarked
module weft.schema.generator {
  requires static transitive org.jspecify;
  requires java.compiler;
  requires tools.jackson.databind;

  exports weft.schema.generator;
}
