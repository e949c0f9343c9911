package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import weft.vrouter.Acl.Rule;

/** The index of each long list of rules, see {@link RuleIndex}. */
final class RuleSets {
  private final KernelMap map;
  private final Struct key;
  private final int linear;
  private final int size;

  RuleSets(BpfObject object) {
    key = object.struct("rule_set_key");
    Struct value = object.struct("rule_set");
    Map<String, Integer> limits = object.constants("rule_limit");
    linear = limits.getOrDefault("ACL_LINEAR", 0);
    size = limits.getOrDefault("ACL_VECTOR", 0);
    map = object.map("rule_sets", key.size(), value.size());
  }

  /** Writes the index of a version of an ACL; a short list needs none. */
  void put(int acl, int version, List<Rule> rules) {
    if (rules.size() > linear) {
      new RuleIndex(rules, size)
          .nodes()
          .forEach((node, words) -> {
            MemorySegment v = map.value();
            for (int i = 0; i < words.length; i++) {
              Bytes.i64(v, (long) i * Long.BYTES, words[i]);
            }
            map.put(key(acl, version, node), v);
          });
    }
  }

  /** Removes it, as far as it is there. */
  void remove(int acl, int version, List<Rule> rules) {
    if (rules.size() > linear) {
      new RuleIndex(rules, size)
          .nodes()
          .keySet()
          .forEach(node -> {
            boolean _ = map.delete(key(acl, version, node));
          });
    }
  }

  private MemorySegment key(int acl, int version, RuleIndex.Node node) {
    MemorySegment k = map.key();
    boolean port = node.dimension() == RuleIndex.Dimension.PORT;
    Bytes.i32(
        k, key.at("prefix_length"), (key.at("value") - Integer.BYTES) * 8 + node.prefix().length());
    Bytes.i32(k, key.at("acl"), acl);
    Bytes.i32(k, key.at("version"), version);
    Bytes.u8(k, key.at("dimension"), Bytes.code(node.dimension()));
    Bytes.u8(k, key.at("family"), port ? 0 : Bytes.family(node.prefix().address()));
    Bytes.u16(k, key.at("chunk"), node.chunk());
    Bytes.ip(k, key.at("value"), node.prefix().address());
    return k;
  }
}
