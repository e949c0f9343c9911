/** HTTP server wrapper. */
@org.jspecify.annotations.NullMarked
module weft.http {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires io.helidon.webserver;
  requires tools.jackson.databind;
  requires org.slf4j;

}
