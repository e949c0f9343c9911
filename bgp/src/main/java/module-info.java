/** BGP codec, session, transport. */
@org.jspecify.annotations.NullMarked
module weft.bgp {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;

  exports weft.bgp;
}
