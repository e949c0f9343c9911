package weft.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void whatIsWrittenIsRead() {
    Writer writer = new Writer(1);
    writer.u8(0xfe).u16(0xfedc).u24(0xfedcba).u32(0xfedcba98L).i64(Long.MIN_VALUE + 1);
    writer
        .ip(Ipv4Address.parse("10.1.2.3"))
        .ip(Ipv6Address.parse("2001:db8::7"))
        .mac(MacAddress.GATEWAY);
    Reader reader = new Reader(writer.toBytes());
    assertThat(reader.u8()).isEqualTo(0xfe);
    assertThat(reader.u16()).isEqualTo(0xfedc);
    assertThat(reader.u24()).isEqualTo(0xfedcba);
    assertThat(reader.u32()).isEqualTo(0xfedcba98L);
    assertThat(reader.i64()).isEqualTo(Long.MIN_VALUE + 1);
    assertThat(reader.ipv4()).hasToString("10.1.2.3");
    assertThat(reader.ipv6()).hasToString("2001:db8::7");
    assertThat(reader.mac()).isEqualTo(MacAddress.GATEWAY);
    assertThat(reader.hasRemaining()).isFalse();
  }

  @Test
  void readingPastTheEndUnderflowsAndMovesNothing() {
    Reader reader = new Reader(new byte[] {1, 2, 3});
    assertThatThrownBy(reader::i32).isInstanceOf(Reader.Underflow.class);
    assertThatThrownBy(() -> reader.bytes(-1)).isInstanceOf(Reader.Underflow.class);
    assertThat(reader.slice(2).u16()).isEqualTo(0x0102);
    assertThat(reader.remaining()).isEqualTo(1);
    assertThatThrownBy(() -> reader.slice(2)).isInstanceOf(Reader.Underflow.class);
  }

  @Test
  void lengthsArePatched() {
    Writer writer = new Writer().u16(0).u8(0).bytes(new byte[] {9, 9});
    writer.patchU16(0, 2).patchU8(2, 7);
    assertThat(writer.toBytes()).containsExactly(0, 2, 7, 9, 9);
    assertThatThrownBy(() -> writer.patchU16(4, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    writer.truncate(2);
    assertThat(writer.toBytes()).containsExactly(0, 2);
  }

  @Test
  void xmlIsEscapedAndNeverSelfClosed() {
    XmlElement element =
        XmlElement.of("a", XmlElement.text("b", "x<y>&\"'"), XmlElement.text("c", ""))
            .with("k", "\"v\"");
    assertThat(element)
        .hasToString("<a k=\"&quot;v&quot;\"><b>x&lt;y&gt;&amp;&quot;&apos;</b><c></c></a>");
    assertThat(element.childText("b")).isEqualTo("x<y>&\"'");
    assertThat(element.child("d")).isNull();
  }
}
