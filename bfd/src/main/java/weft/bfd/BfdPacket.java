package weft.bfd;

import org.jspecify.annotations.Nullable;
import weft.net.Reader;
import weft.net.Writer;

/**
 * A BFD control packet without authentication (RFC 5880 section 4.1), carried as RFC 5881 says.
 *
 * <pre>
 *  |Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
 *  |                       My Discriminator                        |
 *  |                      Your Discriminator                       |
 *  |                    Desired Min TX Interval                    |
 *  |                   Required Min RX Interval                    |
 *  |                 Required Min Echo RX Interval                 |
 * </pre>
 *
 * @param independent it goes on while the sender's control plane is away (bit C)
 * @param desiredTx in microseconds
 * @param requiredRx in microseconds
 */
public record BfdPacket(
    State state,
    int diagnostic,
    boolean poll,
    boolean finished,
    boolean independent,
    int multiplier,
    int mine,
    int yours,
    long desiredTx,
    long requiredRx) {
  /** Of a session, with its code. */
  public enum State {
    ADMIN_DOWN(0),
    DOWN(1),
    INIT(2),
    UP(3);

    private final int code;

    State(int code) {
      this.code = code;
    }

    private static State of(int code) {
      return switch (code & 3) {
        case 0 -> ADMIN_DOWN;
        case 1 -> DOWN;
        case 2 -> INIT;
        default -> UP;
      };
    }
  }

  private static final int LENGTH = 24;
  private static final int VERSION = 1;
  private static final int POLL = 0x20;
  private static final int FINAL = 0x10;
  private static final int INDEPENDENT = 0x08;
  private static final int AUTHENTICATED = 0x04;
  private static final int MULTIPOINT = 0x01;

  public byte[] toBytes() {
    return new Writer(LENGTH)
        .u8(VERSION << 5 | diagnostic)
        .u8(
            state.code << 6
                | (poll ? POLL : 0)
                | (finished ? FINAL : 0)
                | (independent ? INDEPENDENT : 0))
        .u8(multiplier)
        .u8(LENGTH)
        .i32(mine)
        .i32(yours)
        .i32((int) desiredTx)
        .i32((int) requiredRx)
        .i32(0)
        .toBytes();
  }

  /** Null if it is to be discarded without selecting a session (RFC 5880 section 6.8.6). */
  public static @Nullable BfdPacket parse(byte[] bytes) {
    try {
      Reader in = new Reader(bytes);
      int first = in.u8();
      int second = in.u8();
      int multiplier = in.u8();
      int length = in.u8();
      State state = State.of(second >> 6);
      BfdPacket packet =
          new BfdPacket(
              state,
              first & 0x1f,
              (second & POLL) != 0,
              (second & FINAL) != 0,
              (second & INDEPENDENT) != 0,
              multiplier,
              in.i32(),
              in.i32(),
              in.i32() & 0xffff_ffffL,
              in.i32() & 0xffff_ffffL);
      boolean discard =
          first >> 5 != VERSION
              || length < LENGTH
              || length > bytes.length
              || multiplier == 0
              || (second & (MULTIPOINT | AUTHENTICATED)) != 0
              || packet.mine == 0
              || (packet.yours == 0 && state.compareTo(State.INIT) >= 0);
      return discard ? null : packet;
    } catch (Reader.Underflow e) {
      return null;
    }
  }
}
