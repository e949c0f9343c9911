package weft.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weft.net.XmlElement;
import weft.testkit.Seeds;

class FramerTest {
  private static final String OPEN =
      "<stream:stream from='compute1' to=\"network-control@contrailsystems.com\" version=\"1.0\""
          + " xml:lang=\"en\" xmlns=\"sub\" xmlns:stream=\"http://etherx.jabber.org/streams\" >";

  private static List<Message> feed(int maxStanza, String... chunks) {
    Framer framer = new Framer(maxStanza);
    List<Message> messages = new ArrayList<>();
    for (String chunk : chunks) {
      byte[] bytes = chunk.getBytes(StandardCharsets.UTF_8);
      messages.addAll(framer.decode(bytes, bytes.length));
    }
    return messages;
  }

  private static List<Message> afterOpen(String... chunks) {
    List<Message> messages = feed(1000, OPEN);
    List<String> all = new ArrayList<>(List.of(chunks));
    all.addFirst(OPEN);
    List<Message> more = feed(1000, all.toArray(String[]::new));
    return more.subList(messages.size(), more.size());
  }

  private static Message stanza(String xml) {
    return new Message.Stanza(Vectors.element(xml));
  }

  @Test
  void headerIsReadInAnyQuotes() {
    assertThat(feed(1000, OPEN))
        .containsExactly(
            new Message.StreamOpen("compute1", "network-control@contrailsystems.com", "", "sub"));
    assertThat(feed(1000, "<?xml version='1.0'?>\n" + OPEN)).hasSize(1);
  }

  @Test
  void headerIsWrittenWithTheStreamNamespaceLast() {
    String written =
        new String(
            StreamCodec.open(new Message.StreamOpen("compute1", "cn", "", "")),
            StandardCharsets.UTF_8);
    assertThat(written)
        .isEqualTo(
            "<stream:stream from=\"compute1\" to=\"cn\" version=\"1.0\" xml:lang=\"en\" xmlns=\"\""
                + " xmlns:stream=\"http://etherx.jabber.org/streams\" >");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "<html><body/></html>",
        "<stream:stream from=a>",
        "\u0016\u0003\u0001\u0002",
        "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>",
        "</stream:stream>",
      })
  void anythingElseIsNotXmpp(String garbage) {
    assertThat(feed(1000, garbage))
        .singleElement()
        .isInstanceOfSatisfying(
            Message.Unusable.class,
            m -> assertThat(m.reason().kind()).isEqualTo(CloseReason.Kind.NOT_XMPP));
  }

  @Test
  void endlessHeaderIsRefused() {
    assertThat(feed(1000, "<stream:stream from='" + "x".repeat(5000)))
        .singleElement()
        .isInstanceOf(Message.Unusable.class);
  }

  @Test
  void keepAlives() {
    Framer framer = new Framer(1000);
    byte[] open = OPEN.getBytes(StandardCharsets.UTF_8);
    framer.decode(open, open.length);
    assertThat(framer.decode(new byte[] {(byte) 0xc8}, 1)).isEmpty();
    assertThat(framer.decode(new byte[] {(byte) 0x80}, 1)).containsExactly(new Message.KeepAlive());
    assertThat(afterOpen(" \n\u0200\t\u0200")).containsExactly(new Message.KeepAlive());
    assertThat(StreamCodec.keepAlive()).containsExactly(0xc8, 0x80);
  }

  @Test
  void stanzasAndWhatStandsBetween() {
    assertThat(
            afterOpen(
                "<?xml version=\"1.0\"?><!-- a --><iq to='a>b'><c/></iq ><message/><a></b></a>"))
        .containsExactly(
            stanza("<iq to='a>b'><c/></iq>"),
            stanza("<message/>"),
            new Message.Malformed(
                ((Decoded.Malformed<XmlElement>) Vectors.xml("<a></b></a>")).reason()));
  }

  @Test
  void brokenStanzasAreDroppedAndTheNextIsRead() {
    for (String broken :
        List.of(
            "<iq><a></iq>",
            "<iq><a></b></iq>",
            "<iq a=b></iq>",
            "<iq a='></iq>",
            "<iq>&nope;</iq>",
            "<iq>&#0;</iq>",
            "<iq><!DOCTYPE a></iq>",
            "<iq><b xmlns:x='y'/><x:c/></iq>",
            "stray",
            "</stray>")) {
      List<Message> messages = afterOpen(broken + "<iq><ok/></iq>");
      assertThat(messages).as(broken).hasSize(2);
      assertThat(messages.getFirst()).as(broken).isInstanceOf(Message.Malformed.class);
      assertThat(messages.getLast()).isEqualTo(stanza("<iq><ok/></iq>"));
    }
  }

  @Test
  void deepNestingIsMalformed() {
    String deep = "<iq>" + "<a>".repeat(70) + "</a>".repeat(70) + "</iq>";
    assertThat(afterOpen(deep)).singleElement().isInstanceOf(Message.Malformed.class);
  }

  @Test
  void longStanzaEndsTheStream() {
    String tooLong = "<iq>" + "x".repeat(1000);
    assertThat(afterOpen(tooLong, "</iq>"))
        .singleElement()
        .isInstanceOfSatisfying(
            Message.Unusable.class,
            m -> assertThat(m.reason().kind()).isEqualTo(CloseReason.Kind.STANZA_TOO_LONG));
    assertThat(afterOpen("<iq>" + "x".repeat(900) + "</iq>"))
        .singleElement()
        .isInstanceOf(Message.Stanza.class);
  }

  @Test
  void closeIsTheLast() {
    assertThat(afterOpen("</stream:stream><iq></iq>")).containsExactly(new Message.StreamClose());
  }

  @Test
  void everySplitGivesTheSame() {
    byte[] stream = Vectors.mended("bgp-testdata/pubsub_pub.xml");
    List<Message> whole = Vectors.messages(stream);
    assertThat(whole).hasSize(2).allMatch(m -> m instanceof Message.Stanza);
    for (int chunk = 1; chunk < 64; chunk++) {
      assertThat(Vectors.feed(stream, chunk)).isEqualTo(whole);
    }
  }

  @Test
  void truncationAtEveryByteGivesNothingWrong() {
    byte[] stream = Vectors.bytes("xmpp-testdata/pubsub_sub.xml");
    for (int length = 0; length < stream.length; length++) {
      List<Message> messages = Vectors.messages(java.util.Arrays.copyOf(stream, length));
      assertThat(messages).allMatch(m -> m instanceof Message.Stanza).hasSizeLessThan(2);
    }
  }

  @Test
  void mutationsNeverThrow() {
    byte[] stream = Vectors.mended("bgp-testdata/pubsub_pub.xml");
    Seeds.each(
        2000,
        seed -> {
          RandomGenerator random = new Random(seed);
          byte[] mutated = stream.clone();
          for (int i = random.nextInt(8); i >= 0; i--) {
            mutated[random.nextInt(mutated.length)] =
                random.nextBoolean()
                    ? (byte) random.nextInt(256)
                    : (byte) "<>/\"'& !?-".charAt(random.nextInt(10));
          }
          for (Message message : Vectors.feed(mutated, 1 + random.nextInt(400))) {
            if (message instanceof Message.Stanza(XmlElement element)) {
              assertThat(Codec.readAgent(element)).isNotNull();
              assertThat(Codec.readControl(element)).isNotNull();
            }
          }
        });
  }
}
