/** Network values and the bounds-checked byte reader and writer. */
@org.jspecify.annotations.NullMarked
module weft.net {
  requires static transitive org.jspecify;

  exports weft.net;
}
