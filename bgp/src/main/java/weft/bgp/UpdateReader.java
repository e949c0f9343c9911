package weft.bgp;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Reader;

/**
 * Reads one UPDATE, mending what RFC 7606 says can be mended. Errors in where routes begin and end
 * cost the session, for then nothing else can be trusted.
 */
final class UpdateReader {
  private static final int MALFORMED_LIST = 1;
  private static final int UNRECOGNIZED_WELL_KNOWN = 2;
  private static final int OPTIONAL_ATTRIBUTE = 9;
  private static final int INVALID_NETWORK = 10;
  private static final int AS4_PATH = 17;
  private static final int AS4_AGGREGATOR = 18;

  private final Codec.Context context;
  private final List<Update.Unreach> unreach = new ArrayList<>();
  private final List<Update.Reach> reach = new ArrayList<>();
  private final List<Attribute> attributes = new ArrayList<>();
  private final List<Decoded.AttributeError> errors = new ArrayList<>();
  private final BitSet seen = new BitSet(64);
  private final Set<Integer> partial = new HashSet<>(0);
  private @Nullable IpAddress nextHop;
  private Attribute.@Nullable AsPath widePath;
  private Attribute.@Nullable Aggregator wideAggregator;

  UpdateReader(Codec.Context context) {
    this.context = context;
  }

  /** Throws {@link Fault} if the session must go. */
  Decoded.Ok read(Reader in) {
    Reader withdrawn = section(in, "withdrawn routes");
    Reader list = section(in, "path attributes");
    List<Nlri> gone = routes(Family.INET, withdrawn, INVALID_NETWORK);
    if (!gone.isEmpty()) {
      unreach.add(new Update.Unreach(Family.INET, gone));
    }
    boolean empty = !withdrawn.hasRemaining() && gone.isEmpty() && !list.hasRemaining();
    attributes(list);
    List<Nlri> come = routes(Family.INET, in, INVALID_NETWORK);
    if (empty && come.isEmpty()) {
      return new Decoded.Ok(Update.endOfRib(Family.INET), List.of());
    }
    return assemble(come);
  }

  private static Reader section(Reader in, String what) {
    int length = in.remaining() < 2 ? Integer.MAX_VALUE : in.u16();
    if (length > in.remaining()) {
      throw Fault.of(Fault.UPDATE, MALFORMED_LIST, what + " longer than the message");
    }
    return in.slice(length);
  }

  private List<Nlri> routes(Family family, Reader in, int subcode) {
    try {
      return NlriCodec.readAll(family, context.pathIds().contains(family), in);
    } catch (Reader.Underflow | NlriCodec.Bad e) {
      throw Fault.of(Fault.UPDATE, subcode, "route of " + family + ": " + e.getMessage());
    }
  }

  private void error(int type, Decoded.Severity severity, String reason) {
    errors.add(new Decoded.AttributeError(type, severity, reason));
  }

  // ---- attributes ----

  private void attributes(Reader list) {
    while (list.hasRemaining()) {
      if (list.remaining() < 3) {
        error(0, Decoded.Severity.TREAT_AS_WITHDRAW, "the last attribute is cut");
        return;
      }
      int flags = list.u8();
      int type = list.u8();
      boolean extended = (flags & AttributeReader.EXTENDED) != 0;
      int length = extended ? (list.remaining() < 2 ? Integer.MAX_VALUE : list.u16()) : list.u8();
      if (length > list.remaining()) {
        error(type, Decoded.Severity.TREAT_AS_WITHDRAW, "longer than the list of attributes");
        return;
      }
      attribute(flags, type, list.slice(length));
    }
  }

  private void attribute(int flags, int type, Reader value) {
    boolean again = seen.get(type);
    seen.set(type);
    if (again) {
      if (type == 14 || type == 15) {
        throw Fault.of(Fault.UPDATE, MALFORMED_LIST, "attribute " + type + " is there twice");
      }
      error(type, Decoded.Severity.DISCARD_ATTRIBUTE, "there already");
      return;
    }
    int expected = AttributeReader.flagsOf(type);
    int kind = flags & (AttributeReader.OPTIONAL | AttributeReader.TRANSITIVE);
    if (type == 14 || type == 15) {
      multiProtocol(type, value);
    } else if (expected < 0) {
      unknown(flags, type, value);
    } else if (kind != expected) {
      error(type, Decoded.Severity.TREAT_AS_WITHDRAW, "flags 0x%02x".formatted(flags));
    } else {
      try {
        known(type, value);
        if ((flags & AttributeReader.PARTIAL) != 0 && type != AS4_PATH && type != AS4_AGGREGATOR) {
          partial.add(type);
        }
      } catch (AttributeReader.Wrong e) {
        error(type, e.severity(), String.valueOf(e.getMessage()));
      }
    }
  }

  private void known(int type, Reader value) {
    switch (type) {
      case 3 -> {
        if (value.remaining() == 4) {
          nextHop = value.ipv4();
        } else {
          error(3, Decoded.Severity.TREAT_AS_WITHDRAW, value.remaining() + " bytes");
        }
      }
      case AS4_PATH -> {
        if (!context.fourOctetAs()) {
          widePath = widePath(value);
        }
      }
      case AS4_AGGREGATOR -> {
        if (!context.fourOctetAs()) {
          wideAggregator = AttributeReader.aggregator(value, true);
        }
      }
      default -> {
        Attribute attribute = AttributeReader.read(type, value, context.fourOctetAs());
        if (attribute != null) {
          attributes.add(attribute);
        }
      }
    }
  }

  /** A bad AS4_PATH is discarded, not more (RFC 6793 section 6). */
  private Attribute.@Nullable AsPath widePath(Reader value) {
    try {
      return AttributeReader.asPath(value, true);
    } catch (AttributeReader.Wrong e) {
      error(AS4_PATH, Decoded.Severity.DISCARD_ATTRIBUTE, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Transitive ones are kept and marked partial; others go no further (RFC 4271 section 5). */
  private void unknown(int flags, int type, Reader value) {
    byte[] bytes = value.rest();
    if ((flags & AttributeReader.OPTIONAL) == 0) {
      throw new Fault(
          new Message.Notification(Fault.UPDATE, UNRECOGNIZED_WELL_KNOWN, Nlri.HexBytes.of(bytes)),
          "unknown well-known attribute " + type);
    }
    if ((flags & AttributeReader.TRANSITIVE) != 0) {
      attributes.add(
          new Attribute.Unknown(
              AttributeReader.OPTIONAL | AttributeReader.TRANSITIVE | AttributeReader.PARTIAL,
              type,
              Nlri.HexBytes.of(bytes)));
    }
  }

  private void multiProtocol(int type, Reader value) {
    try {
      Family family = new Family(value.u16(), value.u8());
      if (!family.isKnown()) {
        return; // RFC 4760 section 7: ignored
      }
      if (type == 15) {
        unreach.add(new Update.Unreach(family, routes(family, value, OPTIONAL_ATTRIBUTE)));
        return;
      }
      IpAddress hop = NextHops.read(family, value.slice(value.u8()));
      value.skip(1);
      reach.add(new Update.Reach(family, hop, routes(family, value, OPTIONAL_ATTRIBUTE)));
    } catch (Reader.Underflow | NlriCodec.Bad e) {
      throw Fault.of(Fault.UPDATE, OPTIONAL_ATTRIBUTE, "attribute " + type + ": " + e.getMessage());
    }
  }

  // ---- the whole ----

  private Decoded.Ok assemble(List<Nlri> come) {
    if (!come.isEmpty() && nextHop != null) {
      reach.add(new Update.Reach(Family.INET, nextHop, come));
    } else if (!come.isEmpty()) {
      error(3, Decoded.Severity.TREAT_AS_WITHDRAW, "missing");
      unreach.add(new Update.Unreach(Family.INET, come));
    }
    if (!reach.isEmpty()) {
      demand(1, "ORIGIN");
      demand(2, "AS_PATH");
    }
    mergeWide();
    if (errors.stream().anyMatch(e -> e.severity() == Decoded.Severity.TREAT_AS_WITHDRAW)) {
      reach.forEach(r -> unreach.add(new Update.Unreach(r.family(), r.routes())));
      return new Decoded.Ok(new Update(unreach, PathAttributes.NONE, List.of()), errors);
    }
    PathAttributes kept =
        reach.isEmpty() ? PathAttributes.NONE : new PathAttributes(attributes, partial);
    return new Decoded.Ok(new Update(unreach, kept, reach), errors);
  }

  private void demand(int type, String name) {
    if (!seen.get(type)) {
      error(type, Decoded.Severity.TREAT_AS_WITHDRAW, name + " is missing");
    }
  }

  /** RFC 6793 section 4.2.3: the two-byte path, with its tail replaced by the four-byte one. */
  private void mergeWide() {
    Attribute.AsPath narrow = null;
    Attribute.Aggregator aggregator = null;
    for (Attribute attribute : attributes) {
      if (attribute instanceof Attribute.AsPath path) {
        narrow = path;
      }
      if (attribute instanceof Attribute.Aggregator a) {
        aggregator = a;
      }
    }
    Attribute.Aggregator wide = wideAggregator;
    if (aggregator != null && wide != null && aggregator.asn() == Codec.AS_TRANS) {
      attributes.remove(aggregator);
      attributes.add(wide);
    }
    Attribute.AsPath path = widePath;
    if (narrow != null && path != null && path.length() <= narrow.length()) {
      attributes.remove(narrow);
      attributes.add(merged(narrow, path));
    }
  }

  private static Attribute.AsPath merged(Attribute.AsPath narrow, Attribute.AsPath wide) {
    int lead = narrow.length() - wide.length();
    List<Attribute.AsPath.Segment> segments = new ArrayList<>();
    for (Attribute.AsPath.Segment segment : narrow.segments()) {
      if (lead == 0) {
        break;
      }
      if (!segment.ordered()) {
        segments.add(segment);
        lead--;
      } else {
        int take = Math.min(lead, segment.asns().size());
        segments.add(new Attribute.AsPath.Segment(true, segment.asns().subList(0, take)));
        lead -= take;
      }
    }
    segments.addAll(wide.segments());
    return new Attribute.AsPath(segments);
  }
}
