/** The config API: objects of the schema over REST. */
@org.jspecify.annotations.NullMarked
module weft.api {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.schema;
  requires transitive weft.store;
  requires transitive weft.config;
  requires transitive weft.http;
  requires org.slf4j;

  exports weft.api;
  exports weft.api.access;
  exports weft.api.model;
}
