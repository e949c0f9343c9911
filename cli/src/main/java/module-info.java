/** The weft program. */
@org.jspecify.annotations.NullMarked
module weft.cli {
  requires static transitive org.jspecify;
  requires transitive weft.net;
  requires transitive weft.state;
  requires transitive weft.schema;
  requires transitive weft.store;
  requires transitive weft.config;
  requires transitive weft.http;
  requires transitive weft.compiler;
  requires transitive weft.api;
  requires transitive weft.control;
  requires transitive weft.controller;
  requires transitive weft.agent;
  requires transitive weft.lab;
  requires transitive weft.bench;
  requires transitive weft.vrouter;
  requires transitive weft.datapath;
  requires info.picocli;
  requires tools.jackson.databind;
  requires org.slf4j;
  requires org.yaml.snakeyaml;
  requires io.github.javadiffutils;

  opens weft.cli to
      info.picocli;
  opens weft.cli.demo to
      info.picocli;
}
