/** Forwarding model and reference pipeline. */
@org.jspecify.annotations.NullMarked
module weft.vrouter {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;

  exports weft.vrouter;
}
