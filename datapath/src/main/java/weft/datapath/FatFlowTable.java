package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import weft.datapath.VersionedLists.Stored;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.vrouter.FatFlows;
import weft.vrouter.FatFlows.End;
import weft.vrouter.FatFlows.Rule;
import weft.vrouter.TableKey.FatFlowKey;

/**
 * What connections of vifs share a flow. The rules of a vif stand under a version, so that they
 * change whole, and those of a protocol and port are found by it.
 */
final class FatFlowTable implements Table<FatFlowKey, FatFlows> {
  private static final int WIDTH = 128;

  private final VersionedLists lists;
  private final KernelMap rules;
  private final KernelMap ports;
  private final Struct key;
  private final Struct value;
  private final Struct end;
  private final Struct portKey;
  private final Struct portValue;

  FatFlowTable(BpfObject object) {
    key = object.struct("fat_rule_key");
    value = object.struct("fat_rule");
    end = object.struct("fat_end");
    portKey = object.struct("fat_port_key");
    portValue = object.struct("fat_port_value");
    lists = new VersionedLists(object, "fat_lists", "fat_list");
    rules = object.map("fat_rules", key.size(), value.size());
    ports = object.map("fat_ports", portKey.size(), portValue.size());
  }

  private MemorySegment ruleKey(int vif, int version, int index) {
    MemorySegment k = rules.key();
    Bytes.i32(k, key.at("vif"), vif);
    Bytes.i32(k, key.at("version"), version);
    Bytes.i32(k, key.at("index"), index);
    return k;
  }

  private MemorySegment portsKey(int vif, int version, Rule rule) {
    MemorySegment k = ports.key();
    Bytes.i32(k, portKey.at("vif"), vif);
    Bytes.i32(k, portKey.at("version"), version);
    Bytes.u16(k, portKey.at("port"), rule.port());
    Bytes.u8(k, portKey.at("protocol"), rule.protocol());
    return k;
  }

  @Override
  public void put(FatFlowKey of, FatFlows flows) {
    Stored before = lists.get(of.vif());
    List<Rule> all = flows.rules();
    Stored next = before.next(all.size());
    try {
      for (int i = 0; i < all.size(); i++) {
        write(of.vif(), next.version(), i, all);
      }
      lists.put(of.vif(), next);
    } catch (DatapathException e) {
      forget(of.vif(), next);
      throw e;
    }
    forget(of.vif(), before);
  }

  /** Rules of one protocol and port follow each other; the first of them brings the way to them. */
  private void write(int vif, int version, int index, List<Rule> all) {
    Rule rule = all.get(index);
    MemorySegment v = rules.value();
    write(v.asSlice(value.at("guest")), rule.guest());
    write(v.asSlice(value.at("remote")), rule.remote());
    Bytes.u16(v, value.at("port"), rule.port());
    Bytes.u8(v, value.at("protocol"), rule.protocol());
    rules.put(ruleKey(vif, version, index), v);
    if (index == 0 || !samePort(all.get(index - 1), rule)) {
      MemorySegment p = ports.value();
      Bytes.i32(p, portValue.at("first"), index);
      int count = (int) all.stream().filter(each -> samePort(each, rule)).count();
      Bytes.i32(p, portValue.at("count"), count);
      ports.put(portsKey(vif, version, rule), p);
    }
  }

  private static boolean samePort(Rule a, Rule b) {
    return a.protocol() == b.protocol() && a.port() == b.port();
  }

  private void write(MemorySegment v, End of) {
    IpPrefix within = of.within();
    if (within != null) {
      Bytes.u8(v, end.at("family"), Bytes.family(within.address()));
      Bytes.u8(v, end.at("prefix_length"), within.length());
      Bytes.ip(v, end.at("address"), within.address());
      mask(v, end.at("mask"), within.length());
    }
    Bytes.u8(v, end.at("length"), of.length());
    mask(v, end.at("kept"), of.length());
  }

  /** The words of an IPv4 address that are not used are zero under any mask. */
  private static void mask(MemorySegment v, int at, int length) {
    for (int i = 0; i < WIDTH / 8; i++) {
      int bits = Math.clamp(length - 8L * i, 0, 8);
      Bytes.u8(v, at + i, 0xff00 >> bits);
    }
  }

  @Override
  public void remove(FatFlowKey of) {
    Stored before = lists.get(of.vif());
    lists.remove(of.vif());
    forget(of.vif(), before);
  }

  private void forget(int vif, Stored before) {
    for (int i = 0; i < before.count(); i++) {
      if (rules.get(ruleKey(vif, before.version(), i))) {
        ports.delete(portsKey(vif, before.version(), read(rules.read())));
        rules.delete(ruleKey(vif, before.version(), i));
      }
    }
  }

  @Override
  public void forEach(BiConsumer<FatFlowKey, FatFlows> consumer) {
    lists.forEach((vif, stored) -> {
      int version = stored.version();
      int count = stored.count();
      List<Rule> all = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        if (rules.get(ruleKey(vif, version, i))) {
          all.add(read(rules.read()));
        }
      }
      consumer.accept(new FatFlowKey(vif), new FatFlows(all));
    });
  }

  private Rule read(MemorySegment v) {
    return new Rule(
        Bytes.u8(v, value.at("protocol")),
        Bytes.u16(v, value.at("port")),
        readEnd(v.asSlice(value.at("guest"))),
        readEnd(v.asSlice(value.at("remote"))));
  }

  private End readEnd(MemorySegment v) {
    int family = Bytes.u8(v, end.at("family"));
    if (family == Bytes.FAMILY_NONE) {
      return new End(null, Bytes.u8(v, end.at("length")));
    }
    IpAddress address = Bytes.ip(v, end.at("address"), family);
    return new End(
        new IpPrefix(address, Bytes.u8(v, end.at("prefix_length"))), Bytes.u8(v, end.at("length")));
  }
}
