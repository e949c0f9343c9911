package weft.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Who may use whom. Think hard about the layering before changing the table: a new edge is a new
 * way for a change in one module to break another.
 */
class LayersTest {
  /** Module to the modules that its classes may use. Lower layers first. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          // base
          Map.entry("net", Set.of()),
          Map.entry("state", Set.of("net")),
          // model
          Map.entry("schema", Set.of("net")),
          Map.entry("store", Set.of("net", "state")),
          Map.entry("config", Set.of("net", "state", "schema", "store")),
          // edges
          Map.entry("store-etcd", Set.of("net", "state", "store")),
          Map.entry("bfd", Set.of("net", "state")),
          Map.entry("bgp", Set.of("net", "state")),
          Map.entry("xmpp", Set.of("net", "state")),
          Map.entry("http", Set.of("net")),
          Map.entry("keystone", Set.of("http")),
          Map.entry("datapath", Set.of("net", "state", "vrouter")),
          // cores
          Map.entry("vrouter", Set.of("net", "state")),
          Map.entry("routing", Set.of("net", "state")),
          Map.entry("compiler", Set.of("net", "state", "schema")),
          // daemons
          Map.entry("api", Set.of("net", "state", "schema", "store", "config", "http")),
          Map.entry("neutron", Set.of("net", "state", "schema", "store", "config", "http", "api")),
          Map.entry(
              "control",
              Set.of(
                  "net", "state", "schema", "store", "config", "bfd", "bgp", "xmpp", "http",
                  "routing")),
          Map.entry(
              "controller",
              Set.of(
                  "net",
                  "state",
                  "schema",
                  "store",
                  "store-etcd",
                  "config",
                  "http",
                  "keystone",
                  "compiler",
                  "api",
                  "neutron",
                  "control")),
          Map.entry(
              "agent",
              Set.of("net", "state", "schema", "bfd", "xmpp", "http", "vrouter", "datapath")),
          // ops
          Map.entry("lab", Set.of("net", "state", "http")),
          Map.entry("bench", Set.of("net", "state", "http", "vrouter", "datapath", "lab")),
          Map.entry(
              "cli",
              Set.of(
                  "net",
                  "state",
                  "schema",
                  "store",
                  "config",
                  "http",
                  "compiler",
                  "vrouter",
                  "datapath",
                  "api",
                  "control",
                  "controller",
                  "agent",
                  "lab",
                  "bench")));

  /** Pure: no I/O, no clock, no threads of their own, no third-party library. */
  private static final List<String> CORES = List.of("routing", "compiler", "vrouter");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("weft");

  private static String moduleOf(JavaClass type) {
    if (type.getPackageName().startsWith("weft.store.etcd")) {
      return "store-etcd";
    }
    String[] parts = type.getPackageName().split("\\.");
    return parts.length > 1 && parts[0].equals("weft") ? parts[1] : "";
  }

  @Test
  void modulesUseOnlyWhatTheTableAllows() {
    Set<String> broken = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      String from = moduleOf(type);
      Set<String> allowed = ALLOWED.get(from);
      if (allowed == null) {
        if (!from.equals("testkit")) {
          broken.add("module " + from + " is not in the table");
        }
        continue;
      }
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String to = moduleOf(dependency.getTargetClass());
        if (!to.isEmpty() && !to.equals(from) && !allowed.contains(to)) {
          broken.add(type.getName() + " uses " + dependency.getTargetClass().getName());
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyModuleOfTheTableHasClasses() {
    Set<String> seen = new TreeSet<>();
    CLASSES.forEach(type -> seen.add(moduleOf(type)));
    assertThat(seen).containsAll(ALLOWED.keySet());
  }

  @Test
  void coresArePure() {
    for (String core : CORES) {
      noClasses()
          .that()
          .resideInAPackage("weft." + core + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.net..",
              "java.nio.channels..",
              "java.nio.file..",
              "java.lang.foreign..",
              "java.util.concurrent..",
              "org.slf4j..",
              "com.fasterxml..",
              "io..",
              "org.rocksdb..")
          .check(CLASSES);
      noClasses()
          .that()
          .resideInAPackage("weft." + core + "..")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .check(CLASSES);
    }
  }

  @Test
  void oneModuleKnowsEtcd() {
    noClasses()
        .that()
        .resideInAPackage("weft..")
        .and()
        .resideOutsideOfPackage("weft.store.etcd..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.etcd..", "io.grpc..", "com.google.protobuf..")
        .check(CLASSES);
  }

  @Test
  void codecsKnowNoSockets() {
    noClasses()
        .that()
        .resideInAnyPackage("weft.bgp..", "weft.xmpp..")
        .and()
        .haveSimpleNameEndingWith("Codec")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net..", "java.nio.channels..", "org.slf4j..")
        .check(CLASSES);
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses()
        .that()
        .resideInAPackage("weft..")
        .should()
        .haveNameMatching(
            ".*\\.(Abstract|Base)[A-Z][A-Za-z]*|.*(Impl|Utils?|Helper|Manager|Common)")
        .check(CLASSES);
  }
}
