/** Config object types. */
@org.jspecify.annotations.NullMarked
module weft.schema {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive tools.jackson.databind;

  exports weft.schema;
  exports weft.schema.gen;
}
