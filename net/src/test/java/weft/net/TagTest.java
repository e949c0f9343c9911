package weft.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "0x10001, 0x100000001",
    "0xffffffff, 0xffff0000ffff",
    "0x80000002, 0x800000000002"
  })
  void theShortFormHasSixteenBitsOfEach(String form, String number) {
    int shortForm = Long.decode(form).intValue();
    Tag tag = Tag.ofShort(shortForm);
    assertThat(tag.number()).isEqualTo(Long.decode(number));
    assertThat(tag.isShort()).isTrue();
    assertThat(tag.toShort()).isEqualTo(shortForm);
  }

  @ParameterizedTest
  @ValueSource(longs = {0x10000, 0x1_0001_0001L, 0x1_0000_0000_0000L, Tag.MOST})
  void othersHaveNone(long number) {
    assertThat(new Tag(number).isShort()).isFalse();
  }

  @Test
  void whatHasNoRoomInSevenBytesIsRefused() {
    assertThatThrownBy(() -> new Tag(Tag.MOST + 1)).hasMessageContaining("over");
    assertThatThrownBy(() -> new Tag(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
