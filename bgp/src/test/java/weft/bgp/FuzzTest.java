package weft.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import weft.testkit.Mutator;
import weft.testkit.Seeds;

/**
 * Whatever bytes come, they are decoded to messages, or to an error that names the NOTIFICATION to
 * answer with; what was decoded can be written and read again.
 *
 * <p>`-Dweft.fuzz=N` runs N mutated streams in place of a few.
 */
class FuzzTest {
  private static final int USUAL = 20_000;
  private static final Set<Family> MANY_PATHS = Set.of(Family.INET, Family.INET_VPN);

  private final List<byte[]> messages =
      CodecTest.vectors().stream().map(CodecTest.Vector::bytes).toList();

  @Test
  void mutatedMessagesAreAnsweredAsTheRfcsSay() {
    Seeds.each(Integer.getInteger("weft.fuzz", USUAL), seed -> message(new Random(seed)));
  }

  private void message(RandomGenerator random) {
    byte[] bytes = new Mutator(random).mutated(messages);
    repairLength(bytes, random);
    Codec.Context context =
        new Codec.Context(
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextInt(4) == 0 ? MANY_PATHS : Set.of());
    switch (Codec.read(bytes, context)) {
      case Decoded.Malformed(Message.Notification notification, String reason) -> {
        assertThat(notification.code()).isIn(1, 2, 3, 7);
        assertThat(reason).isNotBlank();
      }
      case Decoded.Ok(Message message, List<Decoded.AttributeError> tolerated) -> {
        assertThat(tolerated).hasSizeLessThan(bytes.length);
        if (message instanceof Update update) {
          for (byte[] again : Codec.pack(update, context)) {
            assertThat(Codec.read(again, context)).isInstanceOf(Decoded.Ok.class);
          }
        } else {
          assertThat(Codec.read(Codec.write(message, context), context))
              .isInstanceOf(Decoded.Ok.class);
        }
      }
    }
  }

  /** Most mutants are of the right length and type, so that what is inside is looked at. */
  private static void repairLength(byte[] bytes, RandomGenerator random) {
    if (bytes.length >= Codec.HEADER_LENGTH && random.nextInt(8) > 0) {
      java.util.Arrays.fill(bytes, 0, 16, (byte) -1);
      bytes[16] = (byte) (bytes.length >> 8);
      bytes[17] = (byte) bytes.length;
      if (bytes[18] < 1 || bytes[18] > 5) {
        bytes[18] = 2;
      }
    }
  }

  @Test
  void mutatedStreamsEndAtTheirFirstError() {
    Seeds.each(
        Integer.getInteger("weft.fuzz", USUAL) / 10,
        seed -> {
          RandomGenerator random = new Random(seed);
          Framer framer = new Framer(MANY_PATHS);
          List<Decoded> all = new ArrayList<>();
          for (int i = 0; i < 8; i++) {
            byte[] some =
                random.nextBoolean()
                    ? messages.get(random.nextInt(messages.size()))
                    : new Mutator(random).mutated(messages);
            for (byte[] piece : Mutator.pieces(some, random)) {
              all.addAll(framer.decode(piece, piece.length));
            }
          }
          for (int i = 0; i < all.size() - 1; i++) {
            assertThat(framer.isLast(all.get(i))).isFalse();
          }
        });
  }
}
