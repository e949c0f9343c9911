/** BPF programs and their maps. */
@org.jspecify.annotations.NullMarked
module weft.datapath {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.vrouter;
  requires org.slf4j;

  exports weft.datapath;
}
