package weft.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import weft.net.XmlElement;
import weft.testkit.Mutator;
import weft.testkit.Seeds;

/**
 * Whatever an agent or a control node sends, it is decoded or dropped with a reason: stream, XML,
 * routes, subscriptions and the config channel.
 *
 * <p>`-Dweft.fuzz=N` runs N mutated streams in place of a few.
 */
class FuzzTest {
  private static final int USUAL = 5_000;
  private static final byte[] TELLING = "<>/\"'& !?-=;0".getBytes(StandardCharsets.UTF_8);

  /** Streams of both sides, as they were recorded, stanza by stanza. */
  private static List<byte[]> recorded() {
    List<byte[]> all = new ArrayList<>();
    for (String name :
        List.of("pubsub_pub.xml", "pubsub_sub.xml", "pubsub_usub2.xml", "bad_inet_item_1.xml")) {
      all.add(Vectors.mended("bgp-testdata/" + name));
    }
    for (String name : Vectors.names("ifmap-testdata", "", ".master_output")) {
      byte[] bytes = Vectors.bytes(name);
      if (bytes.length < 16_000 && new String(bytes, StandardCharsets.UTF_8).contains("<iq")) {
        all.add(bytes);
      }
    }
    return all;
  }

  @Test
  void mutatedStreamsAreDecodedOrDropped() {
    List<byte[]> recorded = recorded();
    assertThat(recorded).hasSizeGreaterThan(3);
    Seeds.each(
        Integer.getInteger("weft.fuzz", USUAL),
        seed -> {
          RandomGenerator random = new Random(seed);
          byte[] stream = new Mutator(random, TELLING).mutated(recorded);
          for (Message message : Vectors.feed(stream, 1 + random.nextInt(400))) {
            decode(message);
          }
        });
  }

  private static void decode(Message message) {
    switch (message) {
      case Message.Stanza(XmlElement element) -> {
        if (Codec.readAgent(element) instanceof Decoded.Ok<AgentMessage>(AgentMessage read)) {
          assertThat(Codec.write(read, "agent", 1)).isNotEmpty();
        }
        if (Codec.readControl(element)
            instanceof Decoded.Malformed<ControlMessage>(String reason)) {
          assertThat(reason).isNotBlank();
        }
      }
      case Message.Malformed(String reason) -> assertThat(reason).isNotBlank();
      case Message.Unusable(CloseReason reason) -> assertThat(reason.toString()).isNotBlank();
      case Message.StreamOpen _, Message.StreamClose _, Message.KeepAlive _ -> {}
    }
  }
}
