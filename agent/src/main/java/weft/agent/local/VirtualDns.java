package weft.agent.local;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.DnsRecord;
import weft.agent.core.Wanted.NamedGuest;
import weft.agent.core.Wanted.Zone;
import weft.agent.local.DnsMessage.Query;
import weft.agent.local.DnsMessage.ResourceRecord;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Writer;

/** Answers queries from the virtual DNS zones of the config and the names of guests. */
public final class VirtualDns {
  private static final int ALIASES_MOST = 8;
  private static final int ZONES_MOST = 8;
  private static final int GUEST_TTL = 84600;
  private static final int NEGATIVE_TTL = 60;

  private final Function<String, @Nullable Zone> zones;
  private final Function<String, List<NamedGuest>> guests;
  private final Random random;

  /**
   * @param zones by the fq name of their virtual-DNS
   * @param guests whose names a zone has
   */
  public VirtualDns(
      Function<String, @Nullable Zone> zones,
      Function<String, List<NamedGuest>> guests,
      Random random) {
    this.zones = zones;
    this.guests = guests;
    this.random = random;
  }

  /** What becomes of a query. */
  public sealed interface Result {
    @SuppressWarnings("ArrayRecordComponent") // made once, sent once
    record Answer(byte[] message) implements Result {}

    /** To be asked of other servers: of this one, or those of the host if it is null. */
    record Forward(@Nullable IpAddress server) implements Result {}
  }

  /** Resolves in a zone and those that it names as its next. */
  public Result resolve(Query query, String virtualDns) {
    Set<String> seen = new HashSet<>();
    String at = virtualDns;
    while (seen.size() < ZONES_MOST && seen.add(at)) {
      Zone zone = zones.apply(at);
      if (zone == null) {
        return new Result.Answer(DnsMessage.answer(query, DnsMessage.SERVER_FAILURE));
      }
      Result result = in(zone, at, query);
      if (result != null) {
        return result;
      }
      String next = zone.next();
      if (next.isEmpty()) {
        return new Result.Answer(DnsMessage.answer(query, DnsMessage.REFUSED));
      }
      if (next.equals("default-dns-server")) {
        return new Result.Forward(null);
      }
      try {
        return new Result.Forward(IpAddress.parse(next));
      } catch (IllegalArgumentException e) {
        at = next;
      }
    }
    return new Result.Answer(DnsMessage.answer(query, DnsMessage.SERVER_FAILURE));
  }

  /** Null if the name is none of the zone's. */
  private @Nullable Result in(Zone zone, String virtualDns, Query query) {
    List<ResourceRecord> all = records(zone, virtualDns);
    String name = query.name();
    if (name.indexOf('.') < 0 && !name.isEmpty()) {
      name = name + "." + zone.domain();
    }
    boolean reverse = name.endsWith(".in-addr.arpa") || name.endsWith(".ip6.arpa");
    boolean inZone = name.equals(zone.domain()) || name.endsWith("." + zone.domain());
    String sought = name;
    boolean exists = all.stream().anyMatch(each -> each.name().equals(sought));
    if (!inZone && !(reverse && exists)) {
      return null;
    }
    List<ResourceRecord> answers = new ArrayList<>();
    String at = name;
    for (int i = 0; i < ALIASES_MOST; i++) {
      List<ResourceRecord> here = at(all, at, query.type());
      if (!here.isEmpty()) {
        if (!zone.fixedOrder()) {
          Collections.shuffle(here, random);
        }
        answers.addAll(here);
        break;
      }
      List<ResourceRecord> alias = at(all, at, DnsMessage.CNAME);
      if (alias.isEmpty()) {
        break;
      }
      answers.add(asAsked(alias.getFirst(), at));
      String target = text(alias.getFirst().data());
      if (answers.stream().anyMatch(each -> each.name().equals(target))) {
        break;
      }
      at = target;
    }
    int code = answers.isEmpty() && !exists && !hasBelow(all, name, zone) ? DnsMessage.NO_NAME : 0;
    List<ResourceRecord> authority = answers.isEmpty() ? List.of(soa(zone)) : List.of();
    return new Result.Answer(DnsMessage.answer(query, code, true, answers, authority));
  }

  private static ResourceRecord asAsked(ResourceRecord record, String name) {
    return new ResourceRecord(name, record.type(), record.ttl(), record.data());
  }

  /** The zone itself, and names that have others below them, are there though without records. */
  private static boolean hasBelow(List<ResourceRecord> all, String name, Zone zone) {
    return name.equals(zone.domain())
        || all.stream().anyMatch(each -> each.name().endsWith("." + name));
  }

  private static List<ResourceRecord> at(List<ResourceRecord> all, String name, int type) {
    List<ResourceRecord> found = new ArrayList<>();
    for (ResourceRecord each : all) {
      if (each.name().equals(name) && (each.type() == type || type == DnsMessage.ANY)) {
        found.add(each);
      }
    }
    return found;
  }

  private static ResourceRecord soa(Zone zone) {
    byte[] data =
        new Writer(64)
            .bytes(DnsMessage.name("ns." + zone.domain()))
            .bytes(DnsMessage.name("hostmaster." + zone.domain()))
            .i32(1)
            .i32(3600)
            .i32(600)
            .i32(86400)
            .i32(NEGATIVE_TTL)
            .toBytes();
    return new ResourceRecord(zone.domain(), DnsMessage.SOA, NEGATIVE_TTL, data);
  }

  /** Of the config, and of guests. What cannot be written as a record is left out. */
  private List<ResourceRecord> records(Zone zone, String virtualDns) {
    List<ResourceRecord> all = new ArrayList<>();
    for (DnsRecord each : zone.records()) {
      try {
        ResourceRecord record = record(zone, each);
        if (record != null) {
          all.add(record);
        }
      } catch (IllegalArgumentException e) {
        // The API takes any text: what is no address or name says nothing
      }
    }
    for (NamedGuest guest : guests.apply(virtualDns)) {
      String name = guest.name().toLowerCase(Locale.ROOT) + "." + zone.domain();
      try {
        byte[] wire = DnsMessage.name(name);
        for (IpAddress address : guest.addresses()) {
          int type = address.isV4() ? DnsMessage.A : DnsMessage.AAAA;
          all.add(new ResourceRecord(name, type, GUEST_TTL, address.toBytes()));
          if (zone.reverse()) {
            all.add(new ResourceRecord(reverse(address), DnsMessage.PTR, GUEST_TTL, wire));
          }
        }
      } catch (IllegalArgumentException e) {
        // Machines may be called what no host is
      }
    }
    return all;
  }

  private static @Nullable ResourceRecord record(Zone zone, DnsRecord of) {
    int type =
        switch (of.type().toUpperCase(Locale.ROOT)) {
          case "A" -> DnsMessage.A;
          case "AAAA" -> DnsMessage.AAAA;
          case "CNAME" -> DnsMessage.CNAME;
          case "PTR" -> DnsMessage.PTR;
          case "NS" -> DnsMessage.NS;
          case "MX" -> DnsMessage.MX;
          case "TXT" -> DnsMessage.TXT;
          case "SRV" -> DnsMessage.SRV;
          default -> 0;
        };
    if (type == 0) {
      return null;
    }
    String name = type == DnsMessage.PTR ? pointer(of.name()) : full(zone, of.name());
    byte[] _ = DnsMessage.name(name);
    return new ResourceRecord(name, type, of.ttl(), data(zone, type, of));
  }

  private static byte[] data(Zone zone, int type, DnsRecord of) {
    return switch (type) {
      case DnsMessage.A -> address(of.data(), true);
      case DnsMessage.AAAA -> address(of.data(), false);
      case DnsMessage.TXT -> text(of.data());
      case DnsMessage.MX ->
          new Writer(32)
              .u16(of.preference())
              .bytes(DnsMessage.name(full(zone, of.data())))
              .toBytes();
      case DnsMessage.SRV -> service(zone, of.data());
      default -> DnsMessage.name(full(zone, of.data()));
    };
  }

  private static byte[] address(String text, boolean v4) {
    IpAddress address = IpAddress.parse(text);
    if (address.isV4() != v4) {
      throw new IllegalArgumentException(text);
    }
    return address.toBytes();
  }

  /** Priority, weight, port and host. */
  private static byte[] service(Zone zone, String text) {
    String[] words = text.trim().split("\\s+");
    if (words.length != 4) {
      throw new IllegalArgumentException(text);
    }
    Writer out = new Writer(32);
    for (int i = 0; i < 3; i++) {
      int number = Integer.parseInt(words[i]);
      if (number < 0 || number > 65535) {
        throw new IllegalArgumentException(text);
      }
      out.u16(number);
    }
    return out.bytes(DnsMessage.name(full(zone, words[3]))).toBytes();
  }

  private static byte[] text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    Writer out = new Writer(utf8.length + 2);
    for (int at = 0; at == 0 || at < utf8.length; at += 255) {
      int length = Math.min(255, utf8.length - at);
      out.u8(length).bytes(utf8, at, length);
    }
    return out.toBytes();
  }

  /** A name of the config: with a last dot it is whole, without any dot it is of the zone. */
  private static String full(Zone zone, String name) {
    String lower = name.trim().toLowerCase(Locale.ROOT);
    if (lower.equals("@") || lower.equals(zone.domain())) {
      return zone.domain();
    }
    if (lower.endsWith(".")) {
      return lower.substring(0, lower.length() - 1);
    }
    boolean whole = lower.endsWith("." + zone.domain());
    return whole || (lower.indexOf('.') >= 0 && !lower.startsWith("_"))
        ? lower
        : lower + "." + zone.domain();
  }

  private static String pointer(String name) {
    try {
      return reverse(IpAddress.parse(name.trim()));
    } catch (IllegalArgumentException e) {
      String lower = name.trim().toLowerCase(Locale.ROOT);
      return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
  }

  /** The name under which an address is looked up. */
  static String reverse(IpAddress address) {
    byte[] bytes = address.toBytes();
    StringBuilder name = new StringBuilder();
    for (int i = bytes.length - 1; i >= 0; i--) {
      int value = bytes[i] & 0xff;
      if (address instanceof Ipv4Address) {
        name.append(value).append('.');
      } else {
        name.append(Integer.toHexString(value & 0xf)).append('.');
        name.append(Integer.toHexString(value >> 4)).append('.');
      }
    }
    return name.append(address.isV4() ? "in-addr.arpa" : "ip6.arpa").toString();
  }

  /** A name back from the form it has in data. */
  private static String text(byte[] wire) {
    StringBuilder name = new StringBuilder();
    for (int at = 0; wire[at] != 0; at += wire[at] + 1) {
      if (at > 0) {
        name.append('.');
      }
      String label = new String(wire, at + 1, wire[at], StandardCharsets.UTF_8);
      name.append(label.replace(".", "\\."));
    }
    return name.toString();
  }
}
