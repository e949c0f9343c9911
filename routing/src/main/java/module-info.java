/** Routing tables. */
@org.jspecify.annotations.NullMarked
module weft.routing {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;

  exports weft.routing;
}
