package weft.datapath;

import java.lang.foreign.MemorySegment;
import weft.net.IpPrefix;

/** The key of the tries: a prefix of either family within a VRF or vif. */
final class LpmKey {
  private static final int DOMAIN_BITS = 32;
  private final Struct struct;
  private final int length;
  private final int family;
  private final int domain;
  private final int address;

  LpmKey(BpfObject object) {
    struct = object.struct("lpm_key");
    length = struct.at("prefix_length");
    family = struct.at("family");
    domain = struct.at("domain");
    address = struct.at("address");
  }

  int size() {
    return struct.size();
  }

  MemorySegment write(MemorySegment key, int inDomain, IpPrefix prefix) {
    Bytes.i32(key, length, DOMAIN_BITS + prefix.length());
    Bytes.u8(key, family, Bytes.family(prefix.address()));
    Bytes.be16(key, domain, inDomain);
    Bytes.ip(key, address, prefix.address());
    return key;
  }

  int domain(MemorySegment key) {
    return Bytes.be16(key, domain);
  }

  IpPrefix prefix(MemorySegment key) {
    return new IpPrefix(
        Bytes.ip(key, address, Bytes.u8(key, family)), Bytes.i32(key, length) - DOMAIN_BITS);
  }
}
