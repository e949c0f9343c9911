/** Config object types. */
@org.jspecify.annotations.NullMarked
module weft.schema {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires tools.jackson.databind;

}
