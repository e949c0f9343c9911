/** A thin HTTP server and client: routes, texts for errors, JSON. */
@org.jspecify.annotations.NullMarked
module weft.http {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive tools.jackson.databind;
  requires io.helidon.webserver;
  requires io.helidon.common.buffers;
  requires io.helidon.common.concurrency.limits;
  requires io.helidon.common.socket;
  requires io.helidon.common.task;
  requires io.helidon.common.tls;
  requires io.helidon.http;
  requires java.management;
  requires java.net.http;
  requires java.logging;
  requires org.slf4j;

  exports weft.http;
}
