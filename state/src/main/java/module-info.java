/** Event loop, TCP connections of a loop, deltas, incremental graph. */
@org.jspecify.annotations.NullMarked
module weft.state {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires jdk.net;

  exports weft.state;
  exports weft.state.io;
}
