/** XMPP codec, session, transport. */
@org.jspecify.annotations.NullMarked
module weft.xmpp {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires com.fasterxml.aalto;
  requires org.codehaus.stax2;

  exports weft.xmpp;
}
