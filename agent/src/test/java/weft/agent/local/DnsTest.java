package weft.agent.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import weft.agent.core.Wanted.DnsRecord;
import weft.agent.core.Wanted.NamedGuest;
import weft.agent.core.Wanted.Zone;
import weft.agent.local.DnsMessage.Query;
import weft.net.IpAddress;
import weft.net.Reader;
import weft.net.Writer;
import weft.testkit.Seeds;

class DnsTest {
  private static final String ZONE = "default-domain:blue";
  private static final Zone BLUE =
      new Zone(
          "blue.example",
          "default-domain:green",
          true,
          true,
          List.of(
              new DnsRecord("www", "A", "10.1.1.10", 60, 10),
              new DnsRecord("www", "A", "10.1.1.11", 60, 10),
              new DnsRecord("www", "AAAA", "fd00::10", 60, 10),
              new DnsRecord("alias", "CNAME", "www", 60, 10),
              new DnsRecord("loop", "CNAME", "loop2", 60, 10),
              new DnsRecord("loop2", "CNAME", "loop", 60, 10),
              new DnsRecord("@", "MX", "mail", 60, 5),
              new DnsRecord("@", "NS", "ns1.elsewhere.example.", 60, 10),
              new DnsRecord("10.1.1.10", "PTR", "www", 60, 10),
              new DnsRecord("text", "TXT", "x".repeat(300), 60, 10),
              new DnsRecord("_sip._udp", "SRV", "10 20 5060 www", 60, 10),
              new DnsRecord("broken", "A", "no address", 60, 10),
              new DnsRecord("b".repeat(70), "A", "10.1.1.12", 60, 10)));
  private static final Zone GREEN = new Zone("green.example", "10.0.0.53", true, false, List.of());
  private static final VirtualDns DNS =
      new VirtualDns(
          Map.of(ZONE, BLUE, "default-domain:green", GREEN)::get,
          name ->
              name.equals(ZONE)
                  ? List.of(
                      new NamedGuest(
                          "VM-1", List.of(IpAddress.parse("10.1.1.3"), IpAddress.parse("fd00::3"))))
                  : List.of(),
          new Random(1));

  private static byte[] query(String name, int type) {
    return new Writer()
        .u16(7)
        .u16(0x0100)
        .u16(1)
        .i32(0)
        .u16(0)
        .bytes(DnsMessage.name(name))
        .u16(type)
        .u16(1)
        .toBytes();
  }

  private static Query parsed(byte[] bytes) {
    return ((DnsMessage.Parsed.Good) DnsMessage.parse(bytes)).query();
  }

  private record Answer(int code, List<byte[]> data) {}

  private static Answer ask(String name, int type) {
    VirtualDns.Result result = DNS.resolve(parsed(query(name, type)), ZONE);
    Reader in = new Reader(((VirtualDns.Result.Answer) result).message());
    assertThat(in.u16()).isEqualTo(7);
    int code = in.u16() & 0xf;
    in.skip(2);
    int answers = in.u16();
    in.skip(4);
    name(in);
    in.skip(4);
    List<byte[]> data = new ArrayList<>();
    for (int i = 0; i < answers; i++) {
      name(in);
      in.skip(8);
      data.add(in.bytes(in.u16()));
    }
    return new Answer(code, data);
  }

  private static void name(Reader in) {
    for (int size = in.u8(); size != 0; size = in.u8()) {
      in.skip(size);
    }
  }

  private static byte[] ip(String address) {
    return IpAddress.parse(address).toBytes();
  }

  @Test
  void recordsOfTheConfig() {
    assertThat(ask("www.blue.example", DnsMessage.A).data())
        .containsExactly(ip("10.1.1.10"), ip("10.1.1.11"));
    assertThat(ask("WWW.Blue.Example", DnsMessage.AAAA).data()).containsExactly(ip("fd00::10"));
    assertThat(ask("www", DnsMessage.A).data()).as("a bare name is of the zone").hasSize(2);
    assertThat(ask("alias.blue.example", DnsMessage.A).data())
        .containsExactly(DnsMessage.name("www.blue.example"), ip("10.1.1.10"), ip("10.1.1.11"));
    assertThat(ask("blue.example", DnsMessage.MX).data())
        .containsExactly(new Writer().u16(5).bytes(DnsMessage.name("mail.blue.example")).toBytes());
    assertThat(ask("blue.example", DnsMessage.NS).data())
        .containsExactly(DnsMessage.name("ns1.elsewhere.example"));
    assertThat(ask("10.1.1.10.in-addr.arpa", DnsMessage.PTR).data())
        .containsExactly(DnsMessage.name("www.blue.example"));
    assertThat(ask("text.blue.example", DnsMessage.TXT).data().getFirst()).hasSize(302);
    assertThat(ask("_sip._udp.blue.example", DnsMessage.SRV).data())
        .containsExactly(
            new Writer()
                .u16(10)
                .u16(20)
                .u16(5060)
                .bytes(DnsMessage.name("www.blue.example"))
                .toBytes());
  }

  @Test
  void guestsByNameAndAddress() {
    assertThat(ask("vm-1.blue.example", DnsMessage.A).data()).containsExactly(ip("10.1.1.3"));
    assertThat(ask("vm-1", DnsMessage.AAAA).data()).containsExactly(ip("fd00::3"));
    assertThat(ask("3.1.1.10.in-addr.arpa", DnsMessage.PTR).data())
        .containsExactly(DnsMessage.name("vm-1.blue.example"));
  }

  @Test
  void namesWithoutAnswers() {
    assertThat(ask("www.blue.example", DnsMessage.MX).code()).isEqualTo(DnsMessage.NO_ERROR);
    assertThat(ask("nobody.blue.example", DnsMessage.A).code()).isEqualTo(DnsMessage.NO_NAME);
    assertThat(ask("broken.blue.example", DnsMessage.A).code()).isEqualTo(DnsMessage.NO_NAME);
    assertThat(ask("loop.blue.example", DnsMessage.A).data()).hasSize(2);
  }

  @Test
  void otherNamesGoToTheNextServer() {
    assertThat(DNS.resolve(parsed(query("www.debian.org", DnsMessage.A)), ZONE))
        .isEqualTo(new VirtualDns.Result.Forward(IpAddress.parse("10.0.0.53")));
    assertThat(DNS.resolve(parsed(query("x.green.example", DnsMessage.A)), ZONE))
        .isInstanceOf(VirtualDns.Result.Answer.class);
  }

  @Test
  void malformedQueriesAreToldSoOrIgnored() {
    byte[] good = query("www.blue.example", DnsMessage.A);
    assertThat(DnsMessage.parse(new byte[5])).isInstanceOf(DnsMessage.Parsed.Silence.class);
    byte[] response = good.clone();
    response[2] |= (byte) 0x80;
    assertThat(DnsMessage.parse(response))
        .as("else two servers could answer each other for ever")
        .isInstanceOf(DnsMessage.Parsed.Silence.class);
    byte[] pointer = good.clone();
    pointer[12] = (byte) 0xc0;
    assertThat(DnsMessage.parse(pointer)).isInstanceOf(DnsMessage.Parsed.Bad.class);
    byte[] update = good.clone();
    update[2] |= 0x28;
    assertThat(DnsMessage.parse(update)).isInstanceOf(DnsMessage.Parsed.Bad.class);
  }

  @Test
  void anAnswerFitsWhatWasAskedFor() {
    List<DnsRecord> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(new DnsRecord("many", "A", "10.1.2." + i, 60, 10));
    }
    VirtualDns dns =
        new VirtualDns(
            _ -> new Zone("blue.example", "", true, false, many), _ -> List.of(), new Random(1));
    Query query = parsed(query("many.blue.example", DnsMessage.A));
    byte[] answer = ((VirtualDns.Result.Answer) dns.resolve(query, ZONE)).message();
    assertThat(answer.length).isLessThanOrEqualTo(512);
    assertThat(answer[2] & 2).as("truncated").isNotZero();
    assertThat(DnsMessage.fitting(query, new byte[600])).hasSizeLessThan(100);
  }

  @Test
  void noInputBreaksIt() {
    byte[] good = query("www.blue.example", DnsMessage.A);
    Seeds.each(
        2000,
        seed -> {
          Random random = new Random(seed);
          byte[] bytes = java.util.Arrays.copyOf(good, 12 + random.nextInt(60));
          for (int i = random.nextInt(8); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
          }
          switch (DnsMessage.parse(bytes)) {
            case DnsMessage.Parsed.Good(Query query) ->
                assertThat(DNS.resolve(query, ZONE)).isNotNull();
            case DnsMessage.Parsed.Bad(byte[] answer) -> assertThat(answer).hasSize(12);
            case DnsMessage.Parsed.Silence _ -> assertThat(bytes).isNotEmpty();
          }
          byte[] frame = new byte[random.nextInt(120)];
          random.nextBytes(frame);
          assertThat(DnsDatagram.parse(frame)).isNull();
        });
    assertThat(new String(good, StandardCharsets.ISO_8859_1)).contains("blue");
  }
}
