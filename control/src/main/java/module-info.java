/** Control node daemon. */
@org.jspecify.annotations.NullMarked
module weft.control {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.schema;
  requires transitive weft.store;
  requires transitive weft.config;
  requires transitive weft.bfd;
  requires transitive weft.bgp;
  requires transitive weft.xmpp;
  requires transitive weft.http;
  requires transitive weft.routing;
  requires org.slf4j;

  exports weft.control;
}
