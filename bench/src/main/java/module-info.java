/** Measures of the real programs, beside goals and peers. */
@org.jspecify.annotations.NullMarked
module weft.bench {
  requires static transitive org.jspecify;
  requires transitive tools.jackson.databind;
  requires java.management;
  requires java.net.http;
  requires weft.http;

  exports weft.bench;
}
