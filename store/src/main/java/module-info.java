/** Revisioned key-value log. */
@org.jspecify.annotations.NullMarked
module weft.store {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires rocksdbjni;
  requires org.slf4j;

}
