package weft.bgp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import weft.state.io.Connection;

/**
 * Cuts a byte stream into messages and decodes them. What the peer's OPEN says of AS numbers and
 * lengths holds for what follows, since we offer both ourselves.
 */
final class Framer implements Connection.Decoder<Decoded> {
  private final Set<Family> manyPaths;
  private byte[] buffer = new byte[Codec.MAX_LENGTH];
  private int size;
  private Codec.Context context = Codec.Context.INITIAL;
  private boolean over;

  Framer() {
    this(Set.of());
  }

  /**
   * @param manyPaths the families of which we take several paths (RFC 7911)
   */
  Framer(Set<Family> manyPaths) {
    this.manyPaths = Set.copyOf(manyPaths);
  }

  /** Takes what was received and returns what became complete; after a malformed one nothing. */
  @Override
  public List<Decoded> decode(byte[] bytes, int length) {
    if (size + length > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + length));
    }
    System.arraycopy(bytes, 0, buffer, size, length);
    size += length;
    List<Decoded> messages = new ArrayList<>();
    int at = 0;
    while (!over && size - at >= Codec.HEADER_LENGTH) {
      int end = next(at, messages);
      if (end < 0) {
        break;
      }
      at = end;
    }
    System.arraycopy(buffer, at, buffer, 0, size - at);
    size -= at;
    return messages;
  }

  @Override
  public boolean isLast(Decoded message) {
    return message instanceof Decoded.Malformed;
  }

  /** Decodes the message at `at`; returns the index after it, or -1 if it is not all here. */
  private int next(int at, List<Decoded> messages) {
    int length;
    try {
      length = Codec.length(buffer, at, context);
    } catch (Fault e) {
      over = true;
      messages.add(e.toMalformed());
      return -1;
    }
    if (size - at < length) {
      return -1;
    }
    Decoded decoded = Codec.read(Arrays.copyOfRange(buffer, at, at + length), context);
    switch (decoded) {
      case Decoded.Malformed _ -> over = true;
      case Decoded.Ok(Message message, List<Decoded.AttributeError> _) -> {
        if (message instanceof Message.Open open) {
          context = contextOf(open);
        }
      }
    }
    messages.add(decoded);
    return at + length;
  }

  private Codec.Context contextOf(Message.Open open) {
    boolean wide = false;
    boolean extended = false;
    Set<Family> pathIds = new HashSet<>();
    for (Capability capability : open.capabilities()) {
      wide |= capability instanceof Capability.FourOctetAs;
      extended |= capability instanceof Capability.ExtendedMessage;
      if (capability instanceof Capability.AddPath(List<Capability.AddPath.Mode> modes)) {
        modes.stream().filter(mode -> mode.sends()).forEach(mode -> pathIds.add(mode.family()));
      }
    }
    pathIds.retainAll(manyPaths);
    return new Codec.Context(wide, extended, pathIds);
  }
}
