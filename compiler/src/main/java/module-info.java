/** Intents to derived objects. */
@org.jspecify.annotations.NullMarked
module weft.compiler {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.schema;

  exports weft.compiler;
}
