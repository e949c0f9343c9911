/** Event loop, deltas, incremental graph. */
@org.jspecify.annotations.NullMarked
module weft.state {
  requires static transitive org.jspecify;
  requires transitive weft.net;

  exports weft.state;
}
