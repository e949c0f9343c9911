/** The controller daemon and its roles. */
@org.jspecify.annotations.NullMarked
module weft.controller {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.schema;
  requires transitive weft.store;
  requires transitive weft.store.etcd;
  requires transitive weft.config;
  requires transitive weft.http;
  requires transitive weft.keystone;
  requires transitive weft.compiler;
  requires transitive weft.api;
  requires weft.neutron;
  requires transitive weft.control;
  requires org.slf4j;

  exports weft.controller;
}
