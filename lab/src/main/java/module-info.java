/** A fabric on one machine. */
@org.jspecify.annotations.NullMarked
module weft.lab {
  requires static transitive org.jspecify;
  requires transitive tools.jackson.databind;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.http;
  requires java.net.http;

  exports weft.lab;
  exports weft.lab.openstack;
}
