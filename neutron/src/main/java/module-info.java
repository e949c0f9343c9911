/** OpenStack Neutron's resources, translated to config objects. */
@org.jspecify.annotations.NullMarked
module weft.neutron {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.schema;
  requires transitive weft.store;
  requires transitive weft.config;
  requires transitive weft.http;
  requires transitive weft.api;

  exports weft.neutron;
}
