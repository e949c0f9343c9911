/** Measures of the real programs, beside goals and peers. */
@org.jspecify.annotations.NullMarked
module weft.bench {
  requires static transitive org.jspecify;
  requires transitive tools.jackson.databind;
  requires java.management;
  requires java.net.http;
  requires weft.datapath;
  requires weft.http;
  requires weft.lab;
  requires weft.net;
  requires weft.state;
  requires weft.vrouter;

  exports weft.bench;
  exports weft.bench.vrouter;
}
