package weft.agent.local;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weft.net.Reader;
import weft.net.Writer;

/** A DNS query (RFC 1035, RFC 6891) and the answers to it. */
public final class DnsMessage {
  public static final int A = 1;
  public static final int NS = 2;
  public static final int CNAME = 5;
  public static final int SOA = 6;
  public static final int PTR = 12;
  public static final int MX = 15;
  public static final int TXT = 16;
  public static final int AAAA = 28;
  public static final int SRV = 33;
  public static final int ANY = 255;

  public static final int NO_ERROR = 0;
  public static final int FORMAT_ERROR = 1;
  public static final int SERVER_FAILURE = 2;
  public static final int NO_NAME = 3;
  public static final int NOT_IMPLEMENTED = 4;
  public static final int REFUSED = 5;

  private static final int OPT = 41;
  private static final int INTERNET = 1;
  private static final int RESPONSE = 0x8000;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int TRUNCATED = 0x0200;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RECURSION_AVAILABLE = 0x0080;
  private static final int HEADER = 12;
  private static final int NAME_MOST = 255;
  private static final int LEAST_SIZE = 512;
  private static final int MOST_SIZE = 1232;
  private static final int STREAM_SIZE = 65535;

  private DnsMessage() {}

  /**
   * A query that can be answered.
   *
   * @param name in lower case, without the last dot
   * @param question as it came, to be repeated in the answer
   * @param size how long an answer may be
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, repeated once
  public record Query(
      int id, boolean recursive, String name, int type, byte[] question, int size, boolean edns) {
    /** The same question, come by a connection, where answers may be long. */
    public Query byStream() {
      return new Query(id, recursive, name, type, question, STREAM_SIZE, edns);
    }

    /** The same question for another name. */
    Query named(String other) {
      return new Query(id, recursive, other, type, question, size, edns);
    }
  }

  /** A resource record of class IN. */
  @SuppressWarnings("ArrayRecordComponent") // made once, written once
  public record ResourceRecord(String name, int type, int ttl, byte[] data) {}

  /** What a datagram turned out to be. */
  public sealed interface Parsed {
    record Good(Query query) implements Parsed {}

    /** To be told so; `answer` is the whole message. */
    @SuppressWarnings("ArrayRecordComponent") // made once, sent once
    record Bad(byte[] answer) implements Parsed {}

    /** Not to be answered: no query at all. */
    record Silence() implements Parsed {}
  }

  /** Reads a query. */
  public static Parsed parse(byte[] bytes) {
    if (bytes.length < HEADER) {
      return new Parsed.Silence();
    }
    Reader in = new Reader(bytes);
    int id = in.u16();
    int flags = in.u16();
    int questions = in.u16();
    int others = in.u16() + in.u16();
    int additional = in.u16();
    if ((flags & RESPONSE) != 0) {
      return new Parsed.Silence();
    }
    if ((flags & 0x7800) != 0) {
      return bad(id, flags, NOT_IMPLEMENTED);
    }
    try {
      String name = questions == 1 && others == 0 ? name(in) : null;
      if (name == null) {
        return bad(id, flags, FORMAT_ERROR);
      }
      int type = in.u16();
      int kind = in.u16();
      if (kind != INTERNET) {
        return bad(id, flags, REFUSED);
      }
      byte[] question = java.util.Arrays.copyOfRange(bytes, HEADER, in.position());
      int size = additional == 0 ? 0 : announcedSize(in);
      boolean recursive = (flags & RECURSION_DESIRED) != 0;
      return new Parsed.Good(
          new Query(
              id,
              recursive,
              name,
              type,
              question,
              Math.clamp(size, LEAST_SIZE, MOST_SIZE),
              size != 0));
    } catch (Reader.Underflow e) {
      return bad(id, flags, FORMAT_ERROR);
    }
  }

  private static Parsed bad(int id, int flags, int code) {
    return new Parsed.Bad(
        new Writer(HEADER)
            .u16(id)
            .u16(RESPONSE | flags & (0x7800 | RECURSION_DESIRED) | code)
            .i32(0)
            .i32(0)
            .toBytes());
  }

  /** The size that the first additional record announces if it is an OPT, else 0. */
  private static int announcedSize(Reader in) {
    return in.u8() == 0 && in.u16() == OPT ? in.u16() : 0;
  }

  /** A name without pointers, or null if it is malformed. */
  private static @Nullable String name(Reader in) {
    StringBuilder name = new StringBuilder();
    int length = 0;
    for (int size = in.u8(); size != 0; size = in.u8()) {
      length += size + 1;
      if (size > 63 || length >= NAME_MOST) {
        return null;
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      String label = new String(in.bytes(size), StandardCharsets.ISO_8859_1);
      name.append(label.replace(".", "\\."));
    }
    return name.toString().toLowerCase(Locale.ROOT);
  }

  /**
   * Answers a query; what does not fit is left out and said to be.
   *
   * @param authority shown where there is no answer
   */
  public static byte[] answer(
      Query query,
      int code,
      boolean authoritative,
      List<ResourceRecord> answers,
      List<ResourceRecord> authority) {
    Writer out = new Writer(LEAST_SIZE);
    out.u16(query.id()).u16(0).u16(1).u16(0).u16(0).u16(query.edns() ? 1 : 0);
    out.bytes(query.question());
    int room = query.size() - (query.edns() ? 11 : 0);
    int written = 0;
    boolean truncated = false;
    for (ResourceRecord each : answers) {
      byte[] record = record(each);
      if (out.size() + record.length > room) {
        truncated = true;
        break;
      }
      out.bytes(record);
      written++;
    }
    int told = 0;
    for (ResourceRecord each : authority) {
      byte[] record = record(each);
      if (out.size() + record.length <= room) {
        out.bytes(record);
        told++;
      }
    }
    if (query.edns()) {
      out.u8(0).u16(OPT).u16(MOST_SIZE).i32(0).u16(0);
    }
    out.patchU16(
        2,
        RESPONSE
            | (authoritative ? AUTHORITATIVE : 0)
            | (truncated ? TRUNCATED : 0)
            | (query.recursive() ? RECURSION_DESIRED : 0)
            | RECURSION_AVAILABLE
            | code);
    out.patchU16(6, written);
    out.patchU16(8, told);
    return out.toBytes();
  }

  /** An answer that says no more than a code. */
  public static byte[] answer(Query query, int code) {
    return answer(query, code, false, List.of(), List.of());
  }

  /** Another server's answer, or, if that is too long for who asked, only that it is. */
  public static byte[] fitting(Query query, byte[] answer) {
    if (answer.length <= query.size()) {
      return answer;
    }
    byte[] tooLong = answer(query, NO_ERROR);
    tooLong[2] |= (byte) (TRUNCATED >> 8);
    return tooLong;
  }

  private static byte[] record(ResourceRecord record) {
    return new Writer(32)
        .bytes(name(record.name()))
        .u16(record.type())
        .u16(INTERNET)
        .i32(record.ttl())
        .u16(record.data().length)
        .bytes(record.data())
        .toBytes();
  }

  /**
   * A name as it stands in a message.
   *
   * @throws IllegalArgumentException if it cannot be one
   */
  public static byte[] name(String name) {
    Writer out = new Writer(32);
    for (String label : labels(name)) {
      byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
      if (bytes.length == 0 || bytes.length > 63) {
        throw new IllegalArgumentException("'" + name + "' is not a name");
      }
      out.u8(bytes.length).bytes(bytes);
    }
    out.u8(0);
    if (out.size() > NAME_MOST) {
      throw new IllegalArgumentException("'" + name + "' is too long for a name");
    }
    return out.toBytes();
  }

  private static List<String> labels(String name) {
    List<String> labels = new ArrayList<>();
    if (!name.isEmpty()) {
      for (String label : name.split("(?<!\\\\)\\.", -1)) {
        labels.add(label.replace("\\.", "."));
      }
    }
    return labels;
  }
}
