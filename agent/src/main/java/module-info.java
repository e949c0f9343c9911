/** vRouter agent daemon. */
@org.jspecify.annotations.NullMarked
module weft.agent {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.schema;
  requires transitive weft.bfd;
  requires transitive weft.xmpp;
  requires transitive weft.http;
  requires transitive weft.vrouter;
  requires transitive weft.datapath;
  requires java.net.http;
  requires org.slf4j;

  exports weft.agent;
}
