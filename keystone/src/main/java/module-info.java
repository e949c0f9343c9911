/** Tokens, domains and projects, as Keystone v3 knows them. */
@org.jspecify.annotations.NullMarked
module weft.keystone {
  requires static transitive org.jspecify;
  requires weft.http;
  requires tools.jackson.databind;
  requires java.net.http;
  requires org.slf4j;

  exports weft.keystone;
}
