package weft.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import weft.net.XmlElement;
import weft.schema.gen.ActionListType;
import weft.schema.gen.SubnetType;
import weft.schema.gen.VirtualNetwork;

/** A value of each type passes through its record, and through XML, unchanged. */
class RoundTripTest {
  private static final JsonMapper JSON = new JsonMapper();

  private final Samples samples = new Samples();

  @Test
  void everyObjectTypeThroughItsRecord() throws ReflectiveOperationException {
    for (ObjectType type : Schema.types()) {
      ObjectNode body = samples.object(type);
      assertThat(throughRecord(className(type.name()), body)).isEqualTo(body);
    }
  }

  @Test
  void everyComplexTypeThroughItsRecord() throws ReflectiveOperationException {
    for (ComplexType type : Schema.complexTypes()) {
      ObjectNode value = samples.complex(type);
      assertThat(throughRecord(type.name(), value)).isEqualTo(value);
    }
  }

  @Test
  void everyObjectTypeThroughXml() {
    for (ObjectType type : Schema.types()) {
      ObjectNode body = samples.object(type);
      ObjectNode back = PropertyXml.properties(type, PropertyXml.properties(type, body));
      for (Property property : type.properties()) {
        assertThat(back.get(property.name()))
            .as(property.name())
            .isEqualTo(body.get(property.name()));
      }
    }
  }

  @Test
  void everyDataOfReferencesThroughXml() {
    for (ComplexType type : Schema.complexTypes()) {
      ObjectNode value = samples.complex(type);
      XmlElement xml = PropertyXml.attr(type, value);
      assertThat(xml.name()).isEqualTo("value");
      assertThat(PropertyXml.attr(type, xml)).isEqualTo(value);
    }
  }

  @Test
  void everySampleIsValid() {
    for (ObjectType type : Schema.types()) {
      JsonNode body = JSON.readTree(JSON.writeValueAsBytes(samples.object(type)));
      Validation.Result result = Validation.create(type, body);
      assertThat(result).isEqualTo(new Validation.Result.Valid((ObjectNode) body));
    }
  }

  @Test
  void whatIsAbsentStaysAbsent() throws ReflectiveOperationException {
    ObjectNode empty = new JsonMapper().createObjectNode();
    for (ComplexType type : Schema.complexTypes()) {
      assertThat(throughRecord(type.name(), empty)).isEmpty();
    }
    VirtualNetwork network = VirtualNetwork.of(empty);
    assertThat(network).isEqualTo(VirtualNetwork.EMPTY);
    assertThat(network.networkIpamRefs()).isEmpty();
    assertThat(network.mtu()).isNull();
  }

  @Test
  void recordsAreBuiltFieldByField() {
    assertThat(ActionListType.EMPTY.withSimpleAction("pass").withLog(true).toJson().toString())
        .isEqualTo("{\"simple_action\":\"pass\",\"log\":true}");
    assertThat(new SubnetType("10.1.1.0", 24L).toJson().toString())
        .isEqualTo("{\"ip_prefix\":\"10.1.1.0\",\"ip_prefix_len\":24}");
  }

  private static JsonNode throughRecord(String className, JsonNode json)
      throws ReflectiveOperationException {
    Class<?> type = Class.forName("weft.schema.gen." + className);
    Object value = type.getMethod("of", JsonNode.class).invoke(null, json);
    return (JsonNode) type.getMethod("toJson").invoke(value);
  }

  private static String className(String name) {
    StringBuilder out = new StringBuilder();
    for (String word : name.split("-", -1)) {
      out.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return out.toString();
  }
}
