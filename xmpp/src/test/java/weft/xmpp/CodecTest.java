package weft.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.Tag;
import weft.net.XmlElement;

class CodecTest {
  private static final String VRF = "default-domain:demo:net1:net1";

  private static final InetItem INET =
      InetItem.of(
          IpPrefix.parse("10.1.1.3/32"),
          List.of(
              InetItem.NextHop.of(
                  IpAddress.parse("192.168.1.11"),
                  25,
                  List.of(Encapsulation.MPLS_O_GRE, Encapsulation.MPLS_O_UDP),
                  "default-domain:demo:net1")),
          RouteAttributes.DEFAULT
              .withVirtualNetwork("default-domain:demo:net1")
              .withSecurityGroups(List.of(8000001L))
              .withPreference(100, 200));

  private static final EvpnItem EVPN =
      EvpnItem.of(
          EvpnItem.Nlri.advertised(
              0, MacAddress.parse("02:00:00:00:00:03"), IpPrefix.parse("10.1.1.3/32")),
          List.of(
              EvpnItem.NextHop.of(
                  IpAddress.parse("192.168.1.11"), 26, 0, List.of(Encapsulation.MPLS_O_UDP))),
          RouteAttributes.DEFAULT.withVirtualNetwork("default-domain:demo:net1"));

  private static final MulticastItem MULTICAST =
      new MulticastItem(
          Ipv4Address.BROADCAST,
          Ipv4Address.ANY,
          10001,
          null,
          List.of(),
          List.of(
              new MulticastItem.NextHop(
                  IpAddress.parse("192.168.1.12"), 10007, 10007, List.of("gre"))));

  /** The items of Tungsten Fabric's own codec, by kind. */
  private static Map<String, String> referenceItems() {
    Map<String, String> items = new LinkedHashMap<>();
    String[] parts = Vectors.text("reference-items-from-tf-codec.txt").split("== ");
    for (String part : parts) {
      int line = part.indexOf('\n');
      if (line > 0) {
        items.put(part.substring(0, line).strip(), part.substring(line).strip());
      }
    }
    return items;
  }

  private static String compact(String xml) {
    return xml.replaceAll(">\\s+<", "><").strip();
  }

  private static String written(Item item) {
    StringBuilder out = new StringBuilder();
    new ItemWriter(out).entry(item);
    return out.toString();
  }

  private static String entryOf(String item) {
    String compact = compact(item);
    return compact.substring(compact.indexOf("<entry>"), compact.indexOf("</item>"));
  }

  @Test
  void itemsAreWrittenAsTheReferenceWritesThem() {
    Map<String, String> reference = referenceItems();
    assertThat(written(INET)).isEqualTo(entryOf(reference.get("unicast")));
    assertThat(written(EVPN)).isEqualTo(entryOf(reference.get("enet")));
    assertThat(written(MULTICAST)).isEqualTo(entryOf(reference.get("mcast")));
  }

  @Test
  void itemsOfTheReferenceAreRead() {
    Map<String, String> reference = referenceItems();
    assertThat(ItemReader.read("1/1", Vectors.element(reference.get("unicast")))).isEqualTo(INET);
    assertThat(ItemReader.read("25/242", Vectors.element(reference.get("enet")))).isEqualTo(EVPN);
    assertThat(ItemReader.read("1/241", Vectors.element(reference.get("mcast"))))
        .isEqualTo(MULTICAST);
    assertThat(INET.id()).isEqualTo("10.1.1.3/32");
    assertThat(EVPN.id()).isEqualTo("02:00:00:00:00:03,10.1.1.3/32");
  }

  /** OpenSDN has wider tags, says so, and lists peers of a route. */
  @ParameterizedTest
  @CsvSource({"unicast, 1/1", "enet, 25/242"})
  void elementsOfNewerAgentsAreReadAndWritten(String kind, String family) {
    String item =
        compact(referenceItems().get(kind))
            .replaceFirst(
                "<tag-list />",
                "<tag-list><tag>4295032833</tag><tag>5</tag></tag-list>"
                    + "<is-new-tags-list>true</is-new-tags-list>")
            .replaceFirst(
                "(<mobility .*? />)",
                "$1<peers><peer>10.1.1.4</peer><peer>10.1.1.5</peer></peers>");
    Item read = ItemReader.read(family, Vectors.element(item));
    RouteAttributes attributes =
        switch (read) {
          case InetItem inet -> inet.attributes();
          case EvpnItem evpn -> evpn.attributes();
          case MulticastItem _ -> throw new AssertionError("of unicast");
        };
    assertThat(attributes.peers()).containsExactly("10.1.1.4", "10.1.1.5");
    assertThat(tags(read)).isEqualTo(new TagList(true, List.of(new Tag(4295032833L), new Tag(5))));
    assertThat(written(read)).isEqualTo(entryOf(item));
  }

  private static TagList tags(Item item) {
    return item instanceof InetItem inet
        ? inet.nextHops().getFirst().tags()
        : ((EvpnItem) item).nextHops().getFirst().tags();
  }

  @ParameterizedTest
  @CsvSource({
    "65537, 4294967297, false",
    "4294967295, 281470681808895, false",
    "4295032833, 4295032833, true",
    "72057594037927935, 72057594037927935, true"
  })
  void tagsOfOlderAgentsAreShortUnlessTheyAreTooLargeForThat(long word, long tag, boolean wide) {
    String item =
        compact(referenceItems().get("unicast"))
            .replaceFirst("<tag-list />", "<tag-list><tag>" + word + "</tag></tag-list>");
    Item read = ItemReader.read("1/1", Vectors.element(item));
    assertThat(tags(read)).isEqualTo(new TagList(wide, List.of(new Tag(tag))));
    assertThat(written(read)).contains("<tag>" + word + "</tag>");
    assertThat(written(read).contains("<is-new-tags-list>true</is-new-tags-list>")).isEqualTo(wide);
    assertThat(dropReason("1/1", item)).isEmpty();
  }

  @Test
  void aTagThatBgpHasNoRoomForIsRefused() {
    String item =
        compact(referenceItems().get("unicast"))
            .replaceFirst("<tag-list />", "<tag-list><tag>72057594037927936</tag></tag-list>");
    assertThat(dropReason("1/1", item)).contains("tag", "over");
    assertThat(
            dropReason(
                "1/1",
                item.replace("<tag-list>", "<is-new-tags-list>x</is-new-tags-list><tag-list>")))
        .contains("is-new-tags-list");
  }

  @TestFactory
  List<DynamicTest> badItemsOfTheReferenceAreDropped() {
    Map<String, String> families =
        Map.of("inet", "1/1", "inet6", "2/1", "enet", "25/242", "mcast", "1/241");
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : Vectors.names("bgp-testdata", "bad_", ".xml")) {
      String kind = name.replaceAll(".*bad_(\\w+?)_item.*", "$1");
      if (families.containsKey(kind)) {
        tests.add(
            DynamicTest.dynamicTest(
                name,
                () -> assertThat(dropReason(families.get(kind), Vectors.text(name))).isNotEmpty()));
      }
    }
    assertThat(tests).hasSize(39);
    return tests;
  }

  /** Why a published item is not taken; empty if it is. */
  private static String dropReason(String family, String item) {
    String node = family.equals("25/242") ? "25/242/x" : family + "/" + VRF + "/x";
    PublishAssembler assembler = new PublishAssembler();
    String iq =
        "<iq type='set' from='a' to='cn/bgp-peer' id='1'><pubsub><publish node='"
            + node
            + "'>"
            + item
            + "</publish></pubsub></iq>";
    Decoded<AgentMessage> decoded = Codec.readAgent(Vectors.element(iq));
    if (decoded instanceof Decoded.Malformed<AgentMessage>(String reason)) {
      return reason;
    }
    assembler.publish((AgentMessage.Publish) ((Decoded.Ok<AgentMessage>) decoded).value());
    return switch (assembler.collect(new AgentMessage.Collect(VRF, node, true))) {
      case PublishAssembler.Outcome.Dropped(String reason) -> reason;
      case PublishAssembler.Outcome.Complete _, PublishAssembler.Outcome.Waiting _ -> "";
    };
  }

  @Test
  void goodItemIsTaken() {
    String good = Vectors.text("bgp-testdata/bad_inet_item_1.xml").replace("ZZZZZZ", "1");
    assertThat(dropReason("1/1", good)).isEmpty();
    assertThat(dropReason("1/1", good.replace(">10000<", ">0<"))).contains("label 0");
    assertThat(dropReason("1/1", good.replace(">10000<", ">16777216<"))).contains("label");
  }

  private static List<AgentMessage> agentMessages(byte[] bytes) {
    List<AgentMessage> messages = new ArrayList<>();
    for (XmlElement stanza : Vectors.stanzas(bytes)) {
      messages.add(((Decoded.Ok<AgentMessage>) Codec.readAgent(stanza)).value());
    }
    return messages;
  }

  @Test
  void routesGoThroughBothHalves() {
    EvpnItem published =
        EvpnItem.of(
            EvpnItem.Nlri.published(
                0, MacAddress.parse("02:00:00:00:00:03"), IpPrefix.parse("10.1.1.3/32")),
            EVPN.nextHops(),
            RouteAttributes.DEFAULT);
    for (RouteRequest request :
        List.of(
            RouteRequest.publish(VRF, INET),
            RouteRequest.withdraw(VRF, INET),
            RouteRequest.publish(VRF, published))) {
      List<AgentMessage> halves = agentMessages(Codec.write(request, "compute1", 7));
      PublishAssembler assembler = new PublishAssembler();
      assertThat(assembler.publish((AgentMessage.Publish) halves.getFirst()))
          .isEqualTo(new PublishAssembler.Outcome.Waiting());
      assertThat(assembler.collect((AgentMessage.Collect) halves.getLast()))
          .isEqualTo(new PublishAssembler.Outcome.Complete(request));
    }
    assertThat(published.nlri().publishedType()).isEqualTo(2);
  }

  @Test
  void stanzasOfAnAgentHaveTheIdsAndNodesOfTheReference() {
    String route =
        new String(
            Codec.write(RouteRequest.publish(VRF, INET), "compute1", 7), StandardCharsets.UTF_8);
    assertThat(route)
        .startsWith(
            "<iq type=\"set\" from=\"compute1\" to=\"network-control@contrailsystems.com/bgp-peer\""
                + " id=\"pubsub7\"><pubsub xmlns=\"http://jabber.org/protocol/pubsub\">"
                + "<publish node=\"1/1/"
                + VRF
                + "/10.1.1.3/32\"><item><entry>")
        .endsWith(
            "id=\"collection7\"><pubsub xmlns=\"http://jabber.org/protocol/pubsub\">"
                + "<collection node=\""
                + VRF
                + "\"><associate node=\"1/1/"
                + VRF
                + "/10.1.1.3/32\" /></collection></pubsub></iq>");
    assertThat(
            new String(
                Codec.write(new AgentMessage.Subscribe(VRF, 3, false), "compute1", 0),
                StandardCharsets.UTF_8))
        .contains(
            "id=\"subscribe0\"",
            "<subscribe node=\""
                + VRF
                + "\"><options><instance-id>3</instance-id></options></subscribe>");
  }

  @Test
  void everyMessageOfAnAgentIsReadAsItWasWritten() {
    for (AgentMessage message :
        List.of(
            new AgentMessage.Subscribe(VRF, 3, false),
            new AgentMessage.Subscribe("a&b<c>\"d'", 4, true),
            new AgentMessage.Unsubscribe(VRF),
            new AgentMessage.SubscribeConfig(
                new ConfigKey("virtual-router", "default-global-system-config:compute1")),
            new AgentMessage.UnsubscribeConfig(new ConfigKey("virtual-machine", "x-y")),
            new AgentMessage.Publish("1/241/v/255.255.255.255", MULTICAST))) {
      assertThat(agentMessages(Codec.write(message, "compute1", 1))).containsExactly(message);
    }
    assertThat(agentMessages(Codec.write(new AgentMessage.EndOfRib(), "compute1", 1)))
        .containsExactly(new AgentMessage.EndOfRib(), new AgentMessage.EndOfRib());
  }

  @Test
  void optionsBesideTheSubscriptionCountToo() {
    assertThat(agentMessages(Vectors.bytes("bgp-testdata/pubsub_sub.xml")))
        .containsExactly(new AgentMessage.Subscribe("blue", 1, false));
    assertThat(agentMessages(Vectors.bytes("bgp-testdata/pubsub_usub2.xml")))
        .containsExactly(new AgentMessage.Unsubscribe("red"));
  }

  @Test
  void olderPublishIsRead() {
    List<AgentMessage> halves = agentMessages(Vectors.mended("bgp-testdata/pubsub_pub.xml"));
    PublishAssembler assembler = new PublishAssembler();
    assembler.publish((AgentMessage.Publish) halves.getFirst());
    assertThat(assembler.collect((AgentMessage.Collect) halves.getLast()))
        .isInstanceOfSatisfying(
            PublishAssembler.Outcome.Complete.class,
            complete -> {
              assertThat(complete.request().instance()).isEqualTo("blue");
              InetItem item = (InetItem) complete.request().item();
              assertThat(item.nextHops().getFirst().label()).isEqualTo(10000);
              assertThat(item.attributes().securityGroups()).containsExactly(1L, 2L);
            });
  }

  @Test
  void halvesThatDoNotMatchAreDropped() {
    PublishAssembler assembler = new PublishAssembler();
    AgentMessage.Publish publish = new AgentMessage.Publish("1/1/v/10.0.0.1/32", INET);
    assertThat(assembler.collect(new AgentMessage.Collect("v", "n", true)))
        .isInstanceOf(PublishAssembler.Outcome.Dropped.class);
    assembler.publish(publish);
    assertThat(assembler.collect(new AgentMessage.Collect("v", "other", true)))
        .isInstanceOf(PublishAssembler.Outcome.Dropped.class);
    assertThat(assembler.collect(new AgentMessage.Collect("v", publish.node(), true)))
        .isInstanceOf(PublishAssembler.Outcome.Dropped.class);
    assembler.publish(publish);
    assertThat(assembler.publish(publish)).isInstanceOf(PublishAssembler.Outcome.Dropped.class);
    assertThat(assembler.collect(new AgentMessage.Collect("v", publish.node(), true)))
        .isInstanceOf(PublishAssembler.Outcome.Complete.class);
  }

  private static List<ControlMessage> controlMessages(List<SharedMessage> shared) {
    List<ControlMessage> messages = new ArrayList<>();
    for (SharedMessage message : shared) {
      List<XmlElement> stanzas = Vectors.stanzas(message.bytesFor("compute1"));
      assertThat(stanzas).hasSize(message.stanzas());
      for (XmlElement stanza : stanzas) {
        messages.add(((Decoded.Ok<ControlMessage>) Codec.readControl(stanza)).value());
      }
    }
    return messages;
  }

  @Test
  void routesTowardsAgents() {
    List<ControlMessage.Entry> entries = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      entries.add(ControlMessage.Entry.of(INET));
    }
    List<ControlMessage> messages = controlMessages(Codec.items("1/1/" + VRF, entries));
    assertThat(messages).hasSize(3);
    assertThat(messages.getLast())
        .isEqualTo(new ControlMessage.Items("1/1/" + VRF, entries.subList(0, 6)));

    List<String> ids = java.util.stream.IntStream.range(0, 300).mapToObj(i -> "id" + i).toList();
    assertThat(controlMessages(Codec.retracts("1/1/" + VRF, ids)))
        .containsExactly(
            new ControlMessage.Retract("1/1/" + VRF, ids.subList(0, 256)),
            new ControlMessage.Retract("1/1/" + VRF, ids.subList(256, 300)));
  }

  @Test
  void sharedMessageIsAddressedPerAgent() {
    SharedMessage message =
        Codec.write(new ControlMessage.Retract("1/1/" + VRF, List.of("10.1.1.3/32")));
    assertThat(new String(message.bytesFor("a&b"), StandardCharsets.UTF_8))
        .isEqualTo(
            "\n<message from=\"network-control@contrailsystems.com\" to=\"a&amp;b/bgp-peer\">"
                + "<event xmlns=\"http://jabber.org/protocol/pubsub\"><items node=\"1/1/"
                + VRF
                + "\"><retract id=\"10.1.1.3/32\" /></items></event></message>");
  }

  @Test
  void endOfRibComesInBothForms() {
    SharedMessage message = Codec.write(new ControlMessage.EndOfRib());
    String text = new String(message.bytesFor("compute1"), StandardCharsets.UTF_8);
    assertThat(text).contains("<items node=\"0/0/EndOfRib\"></items>", "pubsub\"></event>");
    assertThat(controlMessages(List.of(message)))
        .containsExactly(new ControlMessage.EndOfRib(), new ControlMessage.EndOfRib());
  }

  @Test
  void mixedRetractsWin() {
    assertThat(
            Codec.readControl(
                Vectors.element(
                    "<message><event><items node='1/1/v'><item id='a'/><retract id='b'/></items>"
                        + "</event></message>")))
        .isEqualTo(
            new Decoded.Ok<>((ControlMessage) new ControlMessage.Retract("1/1/v", List.of("b"))));
  }

  /** Reads the configuration streams of the reference and writes them again, stanza by stanza. */
  @TestFactory
  List<DynamicTest> configurationOfTheReference() {
    return Vectors.names("ifmap-testdata", "", ".master_output").stream()
        .map(name ->
            DynamicTest.dynamicTest(
                name,
                () -> {
                  List<XmlElement> stanzas = Vectors.stanzas(Vectors.bytes(name));
                  assertThat(stanzas).isNotEmpty();
                  stanzas.forEach(CodecTest::roundTrip);
                }))
        .toList();
  }

  private static void roundTrip(XmlElement stanza) {
    ControlMessage message = ((Decoded.Ok<ControlMessage>) Codec.readControl(stanza)).value();
    String to = stanza.attribute("to");
    SharedMessage written = Codec.write(message);
    byte[] bytes = written.bytesFor(to.substring(0, to.length() - "/config".length()));
    assertThat(Vectors.stanzas(bytes)).containsExactly(stanza);
  }

  @Test
  void configurationKeepsItsBudgetAndOrder() {
    List<ConfigNode> nodes = new ArrayList<>();
    List<ConfigLink> links = new ArrayList<>();
    List<ConfigKey> keys = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ConfigKey key = new ConfigKey("virtual-network", "a:b:net" + i);
      keys.add(key);
      nodes.add(new ConfigNode(key, List.of(XmlElement.text("display-name", "n<" + i))));
      links.add(new ConfigLink(key, new ConfigKey("project", "a:b"), "project-virtual-network"));
    }
    List<ControlMessage> messages =
        controlMessages(
            Codec.config(
                List.of(
                    new ControlMessage.ConfigUpdate(nodes, links),
                    new ControlMessage.ConfigDelete(keys, links))));
    List<ConfigNode> gotNodes = new ArrayList<>();
    List<ConfigLink> gotLinks = new ArrayList<>();
    List<Object> deleted = new ArrayList<>();
    for (ControlMessage message : messages) {
      int cost = 0;
      for (ControlMessage.ConfigSection section : ((ControlMessage.Config) message).sections()) {
        switch (section) {
          case ControlMessage.ConfigUpdate(List<ConfigNode> n, List<ConfigLink> l) -> {
            gotNodes.addAll(n);
            gotLinks.addAll(l);
            cost += n.size() + 2 * l.size();
          }
          case ControlMessage.ConfigDelete(List<ConfigKey> n, List<ConfigLink> l) -> {
            deleted.addAll(l);
            deleted.addAll(n);
            cost += n.size() + 2 * l.size();
          }
        }
      }
      assertThat(cost).isLessThanOrEqualTo(ControlMessage.CONFIG_BUDGET);
    }
    assertThat(gotNodes).isEqualTo(nodes);
    assertThat(gotLinks).isEqualTo(links);
    List<Object> expected = new ArrayList<>(links);
    expected.addAll(keys);
    assertThat(deleted).isEqualTo(expected);
  }

  @Test
  void unknownStanzasAreMalformed() {
    for (String xml :
        List.of(
            "<presence/>",
            "<iq to='a/other'><pubsub><subscribe node='x'/></pubsub></iq>",
            "<iq to='a/bgp-peer'><pubsub/></iq>",
            "<iq to='a/bgp-peer'/>",
            "<iq to='a/bgp-peer'><pubsub><publish node='x'><item/></publish></pubsub></iq>",
            "<iq to='a/bgp-peer'><pubsub><publish node='1/5/a'><item><entry/></item></publish>"
                + "</pubsub></iq>",
            "<iq to='a/config'><pubsub><subscribe node='noname'/></pubsub></iq>")) {
      assertThat(Codec.readAgent(Vectors.element(xml))).isInstanceOf(Decoded.Malformed.class);
    }
  }
}
