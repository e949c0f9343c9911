package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.Schema;

/** apply, diff and edit against a real config API. */
class ApplyTest {
  /** References and parents are behind those who need them; the two policies name each other. */
  private static final String TENANT =
      """
      type: virtual-network
      fq_name: default-domain:shop:web
      mtu: 1400
      network_ipam_refs:
      - to: default-domain:shop:ipam
        attr:
          ipam_subnets:
          - subnet: {ip_prefix: 10.1.0.0, ip_prefix_len: 24}
      network_policy_refs:
      - {to: default-domain:shop:allow, attr: {sequence: {major: 1, minor: 0}}}
      ---
      type: network-policy
      fq_name: default-domain:shop:allow
      network_policy_entries:
        policy_rule:
        - direction: <>
          protocol: any
          action_list: {simple_action: pass}
          src_addresses: [{virtual_network: 'default-domain:shop:web'}]
          dst_addresses: [{virtual_network: any}]
          src_ports: [{start_port: -1, end_port: -1}]
          dst_ports: [{start_port: -1, end_port: -1}]
      ---
      - {type: ipam, fq_name: 'default-domain:shop:ipam'}
      - {type: project, fq_name: 'default-domain:shop'}
      ---
      type: vmi
      fq_name: [default-domain, shop, port]
      virtual_network_refs: ['default-domain:shop:web']
      virtual_machine_interface_bindings:
        key_value_pair: [{key: vnic_type, value: normal}]
      ---
      type: iip
      fq_name: shop-port
      virtual_network_refs: ['default-domain:shop:web']
      virtual_machine_interface_refs: ['default-domain:shop:port']
      """;

  @TempDir Path directory;
  private ApiFixture api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiFixture();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private String file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return file.toString();
  }

  private int size() {
    return api.db().image().size();
  }

  @Test
  void makesItSoAndThenNothing() throws IOException {
    String file = file("tenant.yaml", TENANT);
    int before = size();
    assertThat(api.weft("diff", "-f", file)).isEqualTo(1);
    String diff = api.out();
    assertThat(diff).contains("+++ virtual-network default-domain:shop:web\n", "+mtu: 1400\n");
    assertThat(api.done("apply", "--dry-run", "-f", file))
        .isEqualTo(diff + "6 to create (dry run)\n");
    assertThat(api.refused("apply", "-f", file)).contains("6 to create", "--yes");
    assertThat(size()).isEqualTo(before);
    assertThat(api.done("apply", "-y", "-f", file)).endsWith("done: 6 created\n");
    long revision = api.db().image().revision();
    assertThat(api.done("apply", "-f", file)).isEqualTo("nothing to change\n");
    assertThat(api.done("diff", "-f", file)).isEmpty();
    assertThat(api.db().image().revision()).isEqualTo(revision);
  }

  @Test
  void changesWhatIsNamedAndNoMore() throws IOException {
    api.done("apply", "-y", "-f", file("tenant.yaml", TENANT));
    String file =
        file(
            "change.yaml",
            """
            type: virtual-network
            fq_name: default-domain:shop:web
            mtu: 9000
            network_policy_refs: null
            network_ipam_refs:
            - to: default-domain:shop:ipam
              attr:
                ipam_subnets:
                - subnet: {ip_prefix: 10.1.0.0, ip_prefix_len: 24}
                - subnet: {ip_prefix: 10.2.0.0, ip_prefix_len: 24}
            """);
    assertThat(api.done("apply", "-y", "-f", file))
        .contains("-mtu: 1400\n+mtu: 9000\n", "+        ip_prefix: 10.2.0.0\n")
        .doesNotContain("-        ip_prefix: 10.1.0.0")
        .endsWith("done: 1 changed\n");
    assertThat(api.done("apply", "-f", file)).isEqualTo("nothing to change\n");
    var network =
        api.db().image().object("virtual-network", FqName.of("default-domain", "shop", "web"));
    assertThat(network.refs("network-policy")).isEmpty();
    assertThat(network.body().at("/network_ipam_refs/0/attr/ipam_subnets")).hasSize(2);
  }

  @Test
  void whatTheServerShowsIsNothingToChange() throws IOException {
    api.done("apply", "-y", "-f", file("tenant.yaml", TENANT));
    StringBuilder all = new StringBuilder();
    int objects = 0;
    for (ObjectType type : Schema.types()) {
      if (!api.db().image().objects(type.name()).isEmpty()) {
        all.append(api.done("list", type.name(), "-o", "yaml")).append("---\n");
        objects += api.db().image().objects(type.name()).size();
      }
    }
    assertThat(objects).isEqualTo(size()).isGreaterThan(30);
    assertThat(api.weft(all.toString(), new String[] {"apply", "-f", "-"})).as(api.err()).isZero();
    assertThat(api.out()).isEqualTo("nothing to change\n");
  }

  @Test
  void takesFoldersAndPrunesByLabel() throws IOException {
    file("set/10-project.yaml", "{type: project, fq_name: 'default-domain:shop'}");
    file("set/nets/a.yml", "{type: vn, fq_name: 'default-domain:shop:a'}");
    Path b =
        Path.of(
            file("set/nets/b.json", "{\"type\": \"vn\", \"fq_name\": \"default-domain:shop:b\"}"));
    file("set/readme.txt", "not read: [");
    String set = directory.resolve("set").toString();
    String[] apply = {"apply", "-y", "-f", set, "--label", "shop"};
    assertThat(api.done(apply)).endsWith("done: 3 created\n");
    assertThat(api.done(apply)).isEqualTo("nothing to change\n");
    api.done("create", "vn", "default-domain:shop:by-hand");
    Files.delete(b);
    assertThat(api.done(apply)).isEqualTo("nothing to change\n");
    assertThat(api.refused("apply", "-y", "-f", set, "--prune")).contains("--label");
    assertThat(api.done("apply", "-y", "-f", set, "--label", "shop", "--prune"))
        .contains("--- virtual-network default-domain:shop:b\n+++ /dev/null\n")
        .endsWith("done: 1 deleted\n");
    assertThat(api.done("list", "vn", "--parent", "default-domain:shop").lines()).hasSize(3);
  }

  @Test
  void circlesOfReferencesAreClosedAfterwards() throws IOException {
    String file =
        file(
            "circle.yaml",
            """
            - {type: project, fq_name: 'default-domain:shop'}
            - {type: bgpr, fq_name: 'default-domain:default-project:ip-fabric:__default__:one'}
            """
                .replace("bgpr", "bgp-router"));
    assertThat(api.weft("apply", "-y", "-f", file)).as(api.err()).isZero();
    String circle =
        """
        type: bgp-router
        fq_name: default-domain:default-project:ip-fabric:__default__:%s
        bgp_router_refs: ['default-domain:default-project:ip-fabric:__default__:%s']
        ---
        """;
    String both = file("both.yaml", circle.formatted("x", "y") + circle.formatted("y", "x"));
    assertThat(api.done("apply", "-y", "-f", both)).endsWith("done: 2 created\n");
    assertThat(api.done("apply", "-f", both)).isEqualTo("nothing to change\n");
    assertThat(api.db().image().objects("bgp-router"))
        .filteredOn(router -> !router.name().equals("one"))
        .allMatch(router -> router.refs("bgp-router").size() == 1)
        .hasSize(2);
  }

  private void wrong(String text, String reason) throws IOException {
    String file = file("wrong.yaml", text);
    int before = size();
    assertThat(api.refused("apply", "-y", "-f", file)).isEqualTo(file + ":" + reason);
    assertThat(size()).isEqualTo(before);
  }

  @Test
  void saysWhereWhatIsWrong() throws IOException {
    wrong("type: project\nfq_name: [\n", "3: expected the node content, but found '<stream end>'");
    wrong("fq_name: a\n", "1: type: is missing");
    wrong(
        "type: vn\nfq_name: default-domain:default-project:x\nmtu: 1\nmtus: 2\n",
        "4: mtus: unknown in virtual-network; did you mean mtu?");
    wrong(
        "type: vn\nfq_name: default-domain:default-project:x\nmtu: 1\nmtu: 2\n",
        "4: mtu: is there twice");
    wrong(
        "type: virtual-netwrk\n",
        "1: type: no type virtual-netwrk; did you mean virtual-network? (all: weft list)");
    wrong(
        "type: !!java.net.URL x\n", "1: Global tag is not allowed: tag:yaml.org,2002:java.net.URL");
    wrong(
        "type: vn\nfq_name: default-domain:default-project:x\nvirtual_network_properties:\n  vni: 1\n",
        "3: virtual_network_properties: VirtualNetworkType has no vni");
    String twice = "type: project\nfq_name: default-domain:x\n---\n";
    wrong(
        twice + twice,
        "4: fq_name: project default-domain:x is in %s:1 already"
            .formatted(directory.resolve("wrong.yaml")));
    wrong(
        "# a network\ntype: vn\nfq_name: default-domain:none:x\n",
        "2: virtual-network default-domain:none:x: Name['default-domain', 'none'] not found");
  }

  @Test
  void refusesWhatSomebodyElseChanged() throws IOException {
    api.done("create", "vn", "web");
    String file =
        file("vn.yaml", "type: vn\nfq_name: default-domain:default-project:web\nmtu: 9000\n");
    ConfigClient client = new ConfigClient(new Rest(api.url()), null);
    var manifests =
        Yaml.read(file, Files.readString(Path.of(file))).stream()
            .flatMap(each -> Manifest.read(each).stream())
            .toList();
    ApplyPlan plan = ApplyPlan.of(manifests, client, null, false);
    api.done("set", "vn", "web", "mtu=1000");
    Failure refusal =
        org.junit.jupiter.api.Assertions.assertThrows(Failure.class, () -> plan.send(false));
    assertThat(refusal.status()).isEqualTo(412);
    assertThat(api.done("get", "vn", "web")).contains("mtu: 1000");
  }

  @Test
  void edits() throws IOException, InterruptedException {
    api.done("create", "vn", "web", "mtu=1400", "display_name=old");
    assertThat(edit("true")).isEqualTo("0 nothing changed\n");
    assertThat(edit("sed -i -e s/1400/9000/ -e /display_name/d"))
        .isEqualTo(
            "0 changed virtual-network default-domain:default-project:web: mtu, display_name\n");
    assertThat(api.done("get", "vn", "web")).contains("mtu: 9000").doesNotContain("display_name");
    // The first time the value is wrong; the second time the remark is there, and it is corrected.
    String twice =
        "f() { grep -q '^# .*mtu' $1 && sed -i s/many/8000/ $1 || sed -i s/9000/many/ $1; }; f";
    assertThat(edit(twice))
        .isEqualTo("0 changed virtual-network default-domain:default-project:web: mtu\n");
    assertThat(edit("sed -i s/8000/many/")).startsWith("1 nothing changed; your text is in ");
  }

  /** The program in a process of its own, as its editor is taken from the environment. */
  private String edit(String editor) throws IOException, InterruptedException {
    ProcessBuilder weft =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + directory,
            "-cp",
            System.getProperty("java.class.path") + ":" + System.getProperty("jdk.module.path", ""),
            "weft.cli.Main",
            "edit",
            "--api",
            api.url(),
            "vn",
            "web");
    weft.environment().remove("VISUAL");
    weft.environment().put("EDITOR", editor);
    Process process = weft.redirectErrorStream(true).start();
    String out =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    return process.waitFor() + " " + out;
  }
}
