package weft.bench;

import java.io.ByteArrayOutputStream;

/**
 * Routes as bytes on the wire: every sender's share, packed into as few messages as fit.
 *
 * <p>A route carries its number in its address, so that a receiver can tell which ones it has. The
 * bytes are made here and not by the program that is measured.
 *
 * @param groups attribute sets that a sender has
 */
record BgpLoad(Kind kind, int senders, int routes, int groups) {
  static final int SENDER_AS = 65001;
  static final int OWN_AS = 64512;
  private static final int MAX_LENGTH = 4096;
  private static final int FIRST_TARGET = 8_000_000;

  /** What the routes are, and how BGP numbers that. */
  enum Kind {
    VPNV4(1, 128),
    EVPN(25, 70),
    IPV4(1, 1);

    final int afi;
    final int safi;

    Kind(int afi, int safi) {
      this.afi = afi;
      this.safi = safi;
    }
  }

  /** The routes of one sender. */
  BgpClient.Own own(int sender) {
    return new BgpClient.Own(sender * routes, routes);
  }

  /** How many routes all senders have together. */
  int all() {
    return senders * routes;
  }

  /** All that a sender tells, as messages one after another. */
  byte[] announcements(int sender) {
    return messages(sender, false);
  }

  /** The same routes taken back. */
  byte[] withdrawals(int sender) {
    return messages(sender, true);
  }

  private byte[] messages(int sender, boolean withdrawn) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(routes * 24);
    for (int group = 0; group < groups; group++) {
      int from = (int) ((long) routes * group / groups);
      int to = (int) ((long) routes * (group + 1) / groups);
      byte[] attributes = withdrawn ? new byte[0] : attributes(sender, group);
      int room = MAX_LENGTH - BgpWire.HEADER - 4 - attributes.length - 40;
      Bytes nlri = new Bytes();
      for (int route = from; route < to; route++) {
        int before = nlri.size();
        route(nlri, sender, group, route, withdrawn);
        if (nlri.size() > room) {
          out.writeBytes(update(sender, attributes, nlri.toArray(before), withdrawn));
          nlri.clear();
          route(nlri, sender, group, route, withdrawn);
        }
      }
      if (nlri.size() > 0) {
        out.writeBytes(update(sender, attributes, nlri.toArray(nlri.size()), withdrawn));
      }
    }
    return out.toByteArray();
  }

  private byte[] update(int sender, byte[] attributes, byte[] nlri, boolean withdrawn) {
    Bytes list = new Bytes();
    boolean classic = kind == Kind.IPV4;
    if (!classic) {
      Bytes head = new Bytes().u16(kind.afi).u8(kind.safi);
      if (!withdrawn) {
        nextHop(head, sender);
      }
      list.u8(0x90).u8(withdrawn ? 15 : 14).u16(head.size() + nlri.length);
      list.bytes(head.toArray(head.size())).bytes(nlri);
    }
    list.bytes(attributes);
    Bytes body = new Bytes();
    if (classic && withdrawn) {
      body.u16(nlri.length).bytes(nlri).u16(0);
    } else {
      body.u16(0).u16(list.size()).bytes(list.toArray(list.size()));
      if (classic) {
        body.bytes(nlri);
      }
    }
    return BgpWire.message(BgpWire.UPDATE, body.toArray(body.size()));
  }

  private void nextHop(Bytes out, int sender) {
    if (kind == Kind.VPNV4) {
      out.u8(12).u64(0).u32(hop(sender)).u8(0);
    } else {
      out.u8(4).u32(hop(sender)).u8(0);
    }
  }

  /** All speakers can reach 172.16.0.0/12. */
  private static int hop(int sender) {
    return 0xac10_0100 + sender + 1;
  }

  private byte[] attributes(int sender, int group) {
    Bytes out = new Bytes().u8(0x40).u8(1).u8(1).u8(0);
    if (kind == Kind.IPV4) {
      out.u8(0x40).u8(2).u8(18).u8(2).u8(4).u32(SENDER_AS);
      out.u32(3000 + group % 500).u32(10_000 + group % 7919).u32(100_000 + group);
      out.u8(0x40).u8(3).u8(4).u32(hop(sender));
    } else {
      out.u8(0x40).u8(2).u8(6).u8(2).u8(1).u32(SENDER_AS);
      long target = 0x0002L << 48 | (long) OWN_AS << 32 | FIRST_TARGET + group;
      out.u8(0xc0).u8(16).u8(kind == Kind.EVPN ? 16 : 8).u64(target);
      if (kind == Kind.EVPN) {
        out.u64(0x030c_0000_0000_0008L);
      }
    }
    return out.toArray(out.size());
  }

  private void route(Bytes out, int sender, int group, int route, boolean withdrawn) {
    int number = sender * routes + route;
    long distinguisher = 1L << 48 | (long) hop(sender) << 16 & 0xffff_ffff_0000L | group + 1;
    int label = (16 + number % 1_000_000) << 4 | 1;
    switch (kind) {
      case IPV4 -> out.u8(24).u24(BgpWire.FIRST_IPV4 + number);
      case VPNV4 ->
          out.u8(120)
              .u24(withdrawn ? 0x80_0000 : label)
              .u64(distinguisher)
              .u32(BgpWire.FIRST_HOST + number);
      case EVPN -> {
        out.u8(2).u8(37).u64(distinguisher).u64(0).u16(0).u32(0);
        out.u8(48).u16(0x0200).u32(number).u8(32).u32(BgpWire.FIRST_HOST + number).u24(label);
      }
    }
  }

  /** A growing row of bytes, numbers in network order. */
  static final class Bytes {
    private byte[] bytes = new byte[MAX_LENGTH];
    private int size;

    int size() {
      return size;
    }

    void clear() {
      size = 0;
    }

    Bytes u8(int value) {
      if (size == bytes.length) {
        bytes = java.util.Arrays.copyOf(bytes, size * 2);
      }
      bytes[size++] = (byte) value;
      return this;
    }

    Bytes u16(int value) {
      return u8(value >> 8).u8(value);
    }

    Bytes u24(int value) {
      return u8(value >> 16).u16(value);
    }

    Bytes u32(int value) {
      return u16(value >> 16).u16(value);
    }

    Bytes u64(long value) {
      return u32((int) (value >> 32)).u32((int) value);
    }

    Bytes bytes(byte[] more) {
      for (byte one : more) {
        u8(one);
      }
      return this;
    }

    byte[] toArray(int length) {
      return java.util.Arrays.copyOf(bytes, length);
    }
  }
}
