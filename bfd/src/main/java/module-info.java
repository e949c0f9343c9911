/** BFD packets, sessions, and sessions over UDP. */
@org.jspecify.annotations.NullMarked
module weft.bfd {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;

  exports weft.bfd;
}
