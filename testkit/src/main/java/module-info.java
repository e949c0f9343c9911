/** Seeded generators and test support. */
@org.jspecify.annotations.NullMarked
module weft.testkit {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;

  exports weft.testkit;
}
