/** Revisioned key-value log. */
@org.jspecify.annotations.NullMarked
module weft.store {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires rocksdbjni;
  requires org.slf4j;

  exports weft.store;
}
