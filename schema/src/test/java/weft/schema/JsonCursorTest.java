package weft.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class JsonCursorTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String[] TEXTS = {
    "",
    "plain",
    "a \"quote\"",
    "back\\slash\\",
    "}],{[",
    "ünïcödé \uD83D\uDE00",
    "line\nbreak\u0001"
  };

  @Test
  void sameAsTheTree() {
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      ObjectNode tree = object(random, 4);
      byte[] compact = JSON.writeValueAsBytes(tree);
      byte[] spaced = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree);
      assertThat(rebuilt(compact)).isEqualTo(tree);
      assertThat(rebuilt(spaced)).isEqualTo(tree);
    }
  }

  private static JsonNode rebuilt(byte[] bytes) {
    return value(new JsonCursor(bytes, 0), JsonNodeFactory.instance.objectNode());
  }

  private static JsonNode value(JsonCursor at, JsonNode into) {
    while (at.next()) {
      JsonNode value;
      if (at.isObject()) {
        value = value(at.within(), JsonNodeFactory.instance.objectNode());
      } else if (at.isArray()) {
        value = value(at.within(), JsonNodeFactory.instance.arrayNode());
      } else {
        value = at.tree();
        assertThat(at.isNull()).isEqualTo(value.isNull());
        assertThat(at.isString()).isEqualTo(value.isString());
        assertThat(at.text()).isEqualTo(value.asString(at.isNull() ? "null" : null));
      }
      if (into instanceof ObjectNode object) {
        assertThat(at.nameIs(at.name())).isTrue();
        object.set(at.name(), value);
      } else {
        ((ArrayNode) into).add(value);
      }
    }
    return into;
  }

  private static ObjectNode object(Random random, int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = random.nextInt(5); i > 0; i--) {
      object.set("field_" + random.nextInt(100), node(random, depth));
    }
    return object;
  }

  private static JsonNode node(Random random, int depth) {
    JsonNodeFactory make = JsonNodeFactory.instance;
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> make.nullNode();
      case 1 -> make.booleanNode(random.nextBoolean());
      case 2 -> make.numberNode(random.nextInt());
      case 3 -> make.numberNode(random.nextDouble());
      case 4 -> make.stringNode(TEXTS[random.nextInt(TEXTS.length)]);
      case 5 -> object(random, depth - 1);
      default -> {
        ArrayNode array = make.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(node(random, depth - 1));
        }
        yield array;
      }
    };
  }

  @Test
  void damageIsFoundAndNeverLeadsBeyondTheEnd() {
    byte[] whole = text("{\"a\":{\"b\":[1,\"x\\\"y\",null]},\"c\":true}");
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(
              () -> {
                JsonCursor at = new JsonCursor(cut, 0);
                while (at.next()) {
                  at.valueTo();
                }
              })
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void objectReadsFromItsBytesWhatItReadsFromItsTree() {
    UUID uuid = UUID.fromString("135bfdf3-4865-42bb-ab25-87b1f9f137c6");
    UUID net = UUID.fromString("1cf2a29d-bc77-46ba-b8d7-56d0d37df943");
    String body =
        "{\"uuid\":\"%s\",\"fq_name\":[\"d\",\"p\",\"pört\"],\"parent_type\":\"project\",\"parent_uuid\":\"%s\","
                .formatted(uuid, net)
            + "\"virtual_network_refs\":[{\"to\":[\"d\",\"p\",\"n\"],\"uuid\":\"%s\",\"attr\":null}],"
                .formatted(net)
            + "\"not_known_refs\":[{\"uuid\":\"x\"}],\"display_name\":null,\"port_security_enabled\":true}";
    ConfigObject stored =
        ConfigObject.stored(text("{\"virtual-machine-interface\":" + body + "}"), 3, 5);
    ConfigObject made = ConfigObject.of(stored.type(), (ObjectNode) JSON.readTree(body), 5);
    List<ConfigObject> both = new ArrayList<>(List.of(stored, made));
    assertThat(stored.body()).isEqualTo(made.body());
    both.add(stored); // Now with a tree.
    for (ConfigObject object : both) {
      assertThat(object.uuid()).isEqualTo(uuid);
      assertThat(object.name()).isEqualTo("pört");
      assertThat(object.parentType()).isEqualTo("project");
      assertThat(object.parentUuid()).isEqualTo(net);
      assertThat(object.targets()).containsExactly(net);
      assertThat(object.refs("virtual-network")).hasSize(1);
      assertThat(object.refs("security-group")).isEmpty();
      assertThat(object.property("display_name")).isNull();
      assertThat(object.property("port_security_enabled").asBoolean()).isTrue();
      assertThat(object).isEqualTo(made);
    }
  }

  private static byte[] text(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
