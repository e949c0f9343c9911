/** Config objects over a store. */
@org.jspecify.annotations.NullMarked
module weft.config {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.schema;
  requires transitive weft.store;
  requires org.slf4j;
  requires tools.jackson.databind;
  requires org.pcollections;

  exports weft.config;
}
