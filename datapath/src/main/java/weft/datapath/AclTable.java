package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.vrouter.Acl;
import weft.vrouter.Acl.Endpoint;
import weft.vrouter.Acl.PortRange;
import weft.vrouter.Acl.Rule;
import weft.vrouter.TableKey.AclKey;

/**
 * ACLs and their rules. Rules stand under a version, as the members of composite next hops do, so
 * that no packet is judged by half a list.
 */
final class AclTable implements Table<AclKey, Acl> {
  private static final int ANY = 0;
  private static final int SUBNET = 1;
  private static final int GROUP = 2;
  private static final int NETWORK = 3;
  private static final IpAddress ALL_V4 = Ipv4Address.BROADCAST;
  private static final IpAddress ALL_V6 = new Ipv6Address(-1, -1);

  private final KernelMap map;
  private final KernelMap rules;
  private final int version;
  private final int ruleCount;
  private final int name;
  private final int nameSize;
  private final int keyAcl;
  private final int keyVersion;
  private final int keyIndex;
  private final Struct rule;
  private final Struct endpoint;
  private final RuleSets sets;

  AclTable(BpfObject object) {
    Struct value = object.struct("acl_value");
    Struct key = object.struct("rule_key");
    rule = object.struct("rule_value");
    endpoint = object.struct("endpoint");
    map = object.map("acls", Integer.BYTES, value.size());
    rules = object.map("rules", key.size(), rule.size());
    version = value.at("version");
    ruleCount = value.at("rules");
    name = value.at("name");
    nameSize = value.size() - name;
    keyAcl = key.at("acl");
    keyVersion = key.at("version");
    keyIndex = key.at("index");
    sets = new RuleSets(object);
  }

  private record Stored(int version, int rules) {}

  private Stored stored(AclKey key) {
    if (!map.get(key(key))) {
      return new Stored(0, 0);
    }
    return new Stored(Bytes.i32(map.read(), version), Bytes.i32(map.read(), ruleCount));
  }

  private MemorySegment key(AclKey key) {
    MemorySegment k = map.key();
    Bytes.i32(k, 0, key.id());
    return k;
  }

  private MemorySegment ruleKey(int acl, int ofVersion, int index) {
    MemorySegment k = rules.key();
    Bytes.i32(k, keyAcl, acl);
    Bytes.i32(k, keyVersion, ofVersion);
    Bytes.i32(k, keyIndex, index);
    return k;
  }

  @Override
  public void put(AclKey key, Acl acl) {
    Stored before = stored(key);
    Stored after = new Stored(before.version() + 1, acl.rules().size());
    try {
      for (int i = 0; i < acl.rules().size(); i++) {
        MemorySegment v = rules.value();
        write(v, acl.rules().get(i));
        rules.put(ruleKey(key.id(), after.version(), i), v);
      }
      sets.put(key.id(), after.version(), acl.rules());
      MemorySegment v = map.value();
      Bytes.i32(v, version, after.version());
      Bytes.i32(v, ruleCount, acl.rules().size());
      Bytes.text(v, name, nameSize, acl.name());
      map.put(key(key), v);
    } catch (DatapathException e) {
      forget(key, after, acl.rules());
      throw e;
    }
    forget(key, before);
  }

  @Override
  public void remove(AclKey key) {
    Stored before = stored(key);
    map.delete(key(key));
    forget(key, before);
  }

  private void forget(AclKey key, Stored stored) {
    forget(key, stored, readRules(key.id(), stored.version(), stored.rules()));
  }

  private void forget(AclKey key, Stored stored, List<Rule> list) {
    sets.remove(key.id(), stored.version(), list);
    for (int i = 0; i < stored.rules(); i++) {
      rules.delete(ruleKey(key.id(), stored.version(), i));
    }
  }

  private void write(MemorySegment v, Rule r) {
    write(v, rule.at("source"), r.source());
    write(v, rule.at("destination"), r.destination());
    Bytes.u16(v, rule.at("source_low"), r.sourcePorts().low());
    Bytes.u16(v, rule.at("source_high"), r.sourcePorts().high());
    Bytes.u16(v, rule.at("destination_low"), r.destinationPorts().low());
    Bytes.u16(v, rule.at("destination_high"), r.destinationPorts().high());
    Bytes.u16(v, rule.at("protocol"), r.protocol());
    Bytes.u8(v, rule.at("family"), Bytes.code(r.family()));
    Bytes.u8(v, rule.at("deny"), r.action() == Acl.Action.DENY ? 1 : 0);
    Bytes.uuid(v, rule.at("id"), r.id());
  }

  private void write(MemorySegment v, int at, Endpoint e) {
    int kind = at + endpoint.at("kind");
    int id = at + endpoint.at("id");
    switch (e) {
      case Endpoint.Any _ -> Bytes.u8(v, kind, ANY);
      case Endpoint.Group(int group) -> {
        Bytes.u8(v, kind, GROUP);
        Bytes.i32(v, id, group);
      }
      case Endpoint.Network(int network) -> {
        Bytes.u8(v, kind, NETWORK);
        Bytes.i32(v, id, network);
      }
      case Endpoint.Subnet(IpPrefix prefix) -> {
        IpAddress all = prefix.isV4() ? ALL_V4 : ALL_V6;
        Bytes.u8(v, kind, SUBNET);
        Bytes.u8(v, at + endpoint.at("family"), Bytes.family(prefix.address()));
        Bytes.ip(v, at + endpoint.at("address"), prefix.address());
        Bytes.ip(v, at + endpoint.at("mask"), all.masked(prefix.length()));
      }
    }
  }

  @Override
  public void forEach(BiConsumer<AclKey, Acl> consumer) {
    map.forEach((k, v) -> {
      int id = Bytes.i32(k, 0);
      List<Rule> list = readRules(id, Bytes.i32(v, version), Bytes.i32(v, ruleCount));
      consumer.accept(new AclKey(id), new Acl(Bytes.text(v, name, nameSize), list));
    });
  }

  private List<Rule> readRules(int acl, int ofVersion, int count) {
    List<Rule> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      if (rules.get(ruleKey(acl, ofVersion, i))) {
        list.add(readRule(rules.read()));
      }
    }
    return list;
  }

  private Rule readRule(MemorySegment v) {
    return new Rule(
        Bytes.uuid(v, rule.at("id")),
        Bytes.constant(Acl.Family.values(), Bytes.u8(v, rule.at("family"))),
        (short) Bytes.u16(v, rule.at("protocol")),
        readEndpoint(v, rule.at("source")),
        readEndpoint(v, rule.at("destination")),
        new PortRange(Bytes.u16(v, rule.at("source_low")), Bytes.u16(v, rule.at("source_high"))),
        new PortRange(
            Bytes.u16(v, rule.at("destination_low")), Bytes.u16(v, rule.at("destination_high"))),
        Bytes.u8(v, rule.at("deny")) != 0 ? Acl.Action.DENY : Acl.Action.PASS);
  }

  private Endpoint readEndpoint(MemorySegment v, int at) {
    int id = Bytes.i32(v, at + endpoint.at("id"));
    return switch (Bytes.u8(v, at + endpoint.at("kind"))) {
      case GROUP -> new Endpoint.Group(id);
      case NETWORK -> new Endpoint.Network(id);
      case SUBNET -> {
        int family = Bytes.u8(v, at + endpoint.at("family"));
        int mask = at + endpoint.at("mask");
        int length = Long.bitCount(Bytes.i64(v, mask)) + Long.bitCount(Bytes.i64(v, mask + 8L));
        yield new Endpoint.Subnet(
            new IpPrefix(Bytes.ip(v, at + endpoint.at("address"), family), length));
      }
      default -> Endpoint.ANY;
    };
  }
}
