package weft.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.net.XmlElement;
import weft.schema.Validation.Result.Invalid;
import weft.schema.Validation.Result.Valid;
import weft.testkit.Seeds;

class ValidationTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final ObjectType NETWORK = Schema.required("virtual-network");
  private static final String PLACE =
      "'fq_name': ['default-domain', 'p', 'n'], 'parent_type': 'project'";

  @Test
  void textsAreThoseOfRecordedAnswers() throws IOException {
    List<String> lines = SharedData.lines("vnc-transcripts/wire.txt");
    int refused = 0;
    int accepted = 0;
    for (int i = 0; i < lines.size(); i++) {
      ObjectType type = created(lines.get(i));
      if (type == null || !lines.get(i + 1).startsWith("> {\"")) {
        continue;
      }
      JsonNode body = JSON.readTree(lines.get(i + 1).substring(2)).path(type.name());
      int text = i + 2;
      while (!lines.get(text).isEmpty()) {
        text++;
      }
      String answer = lines.get(text + 1);
      if (lines.get(i + 2).contains(" 200 ")) {
        assertThat(Validation.create(type, body)).as(lines.get(i + 1)).isInstanceOf(Valid.class);
        accepted++;
      } else if (answer.startsWith("Bad ") || answer.startsWith("Invalid ")) {
        assertThat(error(Validation.create(type, body))).isEqualTo(answer);
        refused++;
      }
    }
    assertThat(refused).isEqualTo(9);
    assertThat(accepted).isEqualTo(8);
  }

  private static ObjectType created(String line) {
    return line.startsWith("### POST /") && line.endsWith("s")
        ? Schema.type(line.substring("### POST /".length(), line.length() - 1))
        : null;
  }

  @Test
  void numbersGivenAsStringsBecomeNumbers() {
    ObjectNode body =
        valid(
            create(
                "'mtu': '1500', 'network_ipam_refs': [{'to': ['a'], 'attr':"
                    + " {'ipam_subnets': [{'subnet': {'ip_prefix': '10.0.0.0',"
                    + " 'ip_prefix_len': '24'}}]}}]"));
    assertThat(body.path("mtu").isIntegralNumber()).isTrue();
    assertThat(body.at("/network_ipam_refs/0/attr/ipam_subnets/0/subnet/ip_prefix_len").longValue())
        .isEqualTo(24);
  }

  @Test
  void unsignedNumbersKeepAllTheirBits() {
    ObjectNode body = valid(create("'id_perms': {'uuid': {'uuid_lslong': 11262735921732439366}}"));
    assertThat(body.at("/id_perms/uuid/uuid_lslong").asString()).isEqualTo("11262735921732439366");
  }

  @Test
  void rangesAreInclusive() {
    assertThat(valid(create("'mtu': 9216")).path("mtu").intValue()).isEqualTo(9216);
    assertThat(error(create("'mtu': 9217")))
        .isEqualTo(
            "Bad property in create: Error validating property mtu: value must be between 0 and"
                + " 9216");
    assertThat(error(create("'mtu': 99999999999999999999999")))
        .endsWith("value must be between 0 and 9216");
  }

  @Test
  void unknownTopLevelKeysAreDropped() {
    assertThat(valid(create("'nosuch': 1, 'href': 'x', 'routing_instances': []")).propertyNames())
        .containsExactlyInAnyOrder("fq_name", "parent_type");
  }

  @Test
  void unknownReferencesAreRefused() {
    assertThat(error(create("'nosuch_refs': []")))
        .isEqualTo(
            "Unknown reference in resource create {'fq_name': ['default-domain', 'p', 'n'],"
                + " 'parent_type': 'project', 'nosuch_refs': []}.");
  }

  @Test
  void dataOfReferencesIsJudged() {
    assertThat(error(create("'network_ipam_refs': [{'to': ['a'], 'attr': {'x': None}}]")))
        .isEqualTo(
            "Bad reference in create: Error validating reference network_ipam_refs value {'to':"
                + " ['a'], 'attr': {'x': None}} class <class"
                + " 'vnc_api.gen.resource_xsd.VnSubnetsType'> does not have field x");
    assertThat(error(create("'network_ipam_refs': ['a']")))
        .startsWith("Bad reference in create: Error validating reference network_ipam_refs");
    assertThat(error(create("'network_ipam_refs': {}"))).endsWith("is not a list");
  }

  @Test
  void complexValuesOfTheWrongForm() {
    assertThat(error(create("'virtual_network_properties': 'x'")))
        .isEqualTo(
            "Bad property in create: Error in property virtual_network_properties type <class"
                + " 'vnc_api.gen.resource_xsd.VirtualNetworkType'> value of x ");
    assertThat(error(create("'route_target_list': {'route_target': 'target:1:1'}")))
        .isEqualTo(
            "Bad property in create: Error validating property route_target_list value"
                + " {'route_target': 'target:1:1'} Field route_target must be a list. Received"
                + " value: target:1:1");
    assertThat(error(create("'display_name': 5")))
        .isEqualTo(
            "Bad property in create: Error validating property display_name: string value expected"
                + " instead of 5");
  }

  @Test
  void updateJudgesContentAndLeavesNullForUnset() {
    assertThat(valid(Validation.update(NETWORK, json("{'mtu': None}"))).path("mtu").isNull())
        .isTrue();
    assertThat(error(Validation.update(NETWORK, json("{'mtu': 'abc'}"))))
        .isEqualTo(
            "Bad property in update: Error validating property mtu: integer value expected instead"
                + " of abc");
    assertThat(valid(Validation.update(NETWORK, json("{}")))).isEmpty();
  }

  @Test
  void parents() {
    ObjectType vmi = Schema.required("virtual-machine-interface");
    assertThat(error(Validation.create(vmi, json("{'fq_name': ['a', 'b', 'c']}"))))
        .isEqualTo(
            "Missing parent type: None. Allowed types: ['virtual-machine', 'project',"
                + " 'virtual-router']");
    ObjectNode network = valid(Validation.create(NETWORK, json("{'fq_name': ['a', 'b', 'c']}")));
    assertThat(network.path("parent_type").asString()).isEqualTo("project");
    ObjectType tag = Schema.required("tag");
    assertThat(valid(Validation.create(tag, json("{'fq_name': ['t=v']}"))).has("parent_type"))
        .isFalse();
    assertThat(
            valid(Validation.create(tag, json("{'fq_name': ['d', 'p', 't=v']}")))
                .path("parent_type")
                .asString())
        .isEqualTo("project");
    ObjectType domain = Schema.required("domain");
    assertThat(error(Validation.create(domain, json("{'fq_name': ['a', 'b']}"))))
        .isEqualTo("Invalid fq-name for object with parent_type config-root: ['a', 'b']");
  }

  @Test
  void namesOfRouteTargetsHoldColons() {
    ObjectType target = Schema.required("route-target");
    assertThat(Validation.create(target, json("{'fq_name': ['target:64512:1']}")))
        .isInstanceOf(Valid.class);
    assertThat(error(Validation.create(NETWORK, json("{'fq_name': ['a', 'b', 'x\\u0001']}"))))
        .isEqualTo("Bad Request, name has illegal xml characters");
  }

  @Test
  void requiredAtCreate() {
    ObjectType monitor = Schema.required("loadbalancer-healthmonitor");
    assertThat(error(Validation.create(monitor, json("{'fq_name': ['a', 'b', 'c']}"))))
        .isEqualTo("loadbalancer_healthmonitor_properties property is missing");
  }

  @Test
  void elementsOfCollections() {
    Property bindings =
        Schema.required("virtual-machine-interface").property("virtual_machine_interface_bindings");
    ObjectNode one = valid(Validation.element(bindings, json("{'key': 'a', 'value': 'b'}")));
    assertThat(one.path(bindings.elements().name()).get(0)).hasSize(2);
    assertThat(error(Validation.element(bindings, json("{'x': 'a'}")))).contains("field x");
  }

  @Test
  void anythingAtAllGetsAnAnswer() {
    for (String body :
        List.of("[]", "1", "'x'", "None", "{}", "{'fq_name': 5}", "{'fq_name': [1]}")) {
      assertThat(Validation.create(NETWORK, json(body))).as(body).isInstanceOf(Invalid.class);
    }
  }

  @Test
  void numbersWithoutMeasureAreRefusedAtOnce() {
    for (String number : List.of("1e400", "1e999999999", "'" + "9".repeat(900_000) + "'")) {
      assertThat(error(create("'mtu': " + number))).contains("property mtu: ");
    }
    assertThat(valid(create("'mtu': 1500.7")).path("mtu").intValue()).isEqualTo(1500);
  }

  @Test
  void referencesKeepOnlyWellFormedNamesAndIdentities() {
    ObjectNode body = valid(create("'bgpvpn_refs': [{'to': ['a'], 'uuid': 'zz', 'href': 'x'}]"));
    assertThat(body.at("/bgpvpn_refs/0").propertyNames()).containsExactly("to", "attr");
    assertThat(error(create("'bgpvpn_refs': [{'to': [{}]}]"))).contains("neither to nor uuid");
  }

  /** Whatever stands in place of a part of a body: an answer; what passes can be used. */
  @Test
  void damagedBodies() {
    List<JsonNode> damage =
        List.of("None", "[]", "{}", "[[1]]", "'x'", "''", "-1", "1e400", "'\\u0001'", "{'a': []}")
            .stream()
            .map(ValidationTest::json)
            .toList();
    Seeds.each(
        300,
        seed -> {
          Random random = new Random(seed);
          ObjectType type = Schema.types().get(random.nextInt(Schema.types().size()));
          ObjectNode body = new Samples().object(type);
          damage(body, damage, random);
          if (Validation.create(type, body) instanceof Valid(ObjectNode kept)) {
            PropertyXml.properties(type, kept).forEach(XmlElement::toString);
            assertThat(Validation.create(type, kept)).isEqualTo(new Valid(kept));
            if (kept.path("uuid").isString()) {
              ConfigObject object = ConfigObject.of(type, kept, 0);
              assertThat(object.fqName().name()).isNotNull();
            }
          }
        });
  }

  private static void damage(JsonNode node, List<JsonNode> damage, Random random) {
    JsonNode bad = damage.get(random.nextInt(damage.size()));
    if (node instanceof ObjectNode object && !object.isEmpty()) {
      List<String> keys = List.copyOf(object.propertyNames());
      String key = keys.get(random.nextInt(keys.size()));
      if (random.nextInt(3) == 0 || !object.get(key).isContainer()) {
        object.set(key, bad);
      } else {
        damage(object.get(key), damage, random);
      }
    } else if (node instanceof ArrayNode array && !array.isEmpty()) {
      if (random.nextInt(3) == 0 || !array.get(0).isContainer()) {
        array.set(0, bad);
      } else {
        damage(array.get(0), damage, random);
      }
    }
  }

  private static Validation.Result create(String more) {
    return Validation.create(NETWORK, json("{" + PLACE + ", " + more + "}"));
  }

  private static JsonNode json(String python) {
    return JSON.readTree(python.replace('\'', '"').replace("None", "null"));
  }

  private static ObjectNode valid(Validation.Result result) {
    assertThat(result).isInstanceOf(Valid.class);
    return ((Valid) result).body();
  }

  private static String error(Validation.Result result) {
    assertThat(result).isInstanceOf(Invalid.class);
    return ((Invalid) result).message();
  }
}
