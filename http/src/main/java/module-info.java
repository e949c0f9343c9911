/** A thin HTTP server and client: routes, texts for errors, JSON. */
@org.jspecify.annotations.NullMarked
module weft.http {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive tools.jackson.databind;
  requires io.helidon.webserver;
  requires io.helidon.common.tls;
  requires java.management;
  requires java.net.http;
  requires java.logging;
  requires org.slf4j;

  exports weft.http;
}
