package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.testkit.Seeds;
import weft.vrouter.Acl;
import weft.vrouter.Acl.Endpoint;
import weft.vrouter.Acl.PortRange;
import weft.vrouter.Acl.Rule;

/** That the index names every rule that a linear walk would find to match, and no other. */
class RuleIndexTest {
  private static final int SIZE = 64;

  @Test
  void namesWhatMatches() {
    Seeds.each(
        50,
        seed -> {
          Random random = new Random(seed);
          List<Rule> rules = new ArrayList<>();
          for (int i = random.nextInt(150); i >= 0; i--) {
            rules.add(rule(random));
          }
          RuleIndex index = new RuleIndex(rules, SIZE);
          for (int i = 0; i < 50; i++) {
            check(rules, index, random);
          }
        });
  }

  private static void check(List<Rule> rules, RuleIndex index, Random random) {
    Ipv4Address source = address(random);
    int port = random.nextInt(4) == 0 ? 65535 - random.nextInt(3) : random.nextInt(300);
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      boolean bySource =
          !(rule.source() instanceof Endpoint.Subnet(IpPrefix prefix)) || prefix.contains(source);
      assertThat(named(index, RuleIndex.Dimension.SOURCE, i, source, 32))
          .as("rule %d, source %s", i, source)
          .isEqualTo(bySource);
      assertThat(named(index, RuleIndex.Dimension.PORT, i, new Ipv4Address(port << 16), 16))
          .as("rule %d, port %d", i, port)
          .isEqualTo(rule.destinationPorts().contains(port));
    }
  }

  /** As the kernel does: by the longest prefix that holds the value. */
  private static boolean named(
      RuleIndex index, RuleIndex.Dimension dimension, int rule, Ipv4Address value, int bits) {
    Map<RuleIndex.Node, long[]> nodes = index.nodes();
    for (int length = bits; length >= 0; length--) {
      long[] words =
          nodes.get(
              new RuleIndex.Node(
                  dimension, rule / SIZE, new IpPrefix(value.masked(length), length)));
      if (words != null) {
        return (words[rule % SIZE / 64] >>> (rule % 64) & 1) != 0;
      }
    }
    throw new AssertionError("nothing holds " + value);
  }

  private static Ipv4Address address(Random random) {
    return new Ipv4Address((10 << 24) + (random.nextInt(4) << 16) + random.nextInt(8));
  }

  private static Rule rule(Random random) {
    int length = random.nextInt(33);
    Endpoint source =
        random.nextInt(4) == 0
            ? Endpoint.ANY
            : new Endpoint.Subnet(new IpPrefix(address(random).masked(length), length));
    int low = random.nextInt(300);
    PortRange ports =
        switch (random.nextInt(5)) {
          case 0 -> PortRange.ANY;
          case 1 -> new PortRange(low, 65535);
          default -> new PortRange(low, low + random.nextInt(100));
        };
    return new Rule(
        new UUID(0, random.nextInt()),
        Acl.Family.ANY,
        -1,
        source,
        Endpoint.ANY,
        PortRange.ANY,
        ports,
        Acl.Action.PASS);
  }
}
