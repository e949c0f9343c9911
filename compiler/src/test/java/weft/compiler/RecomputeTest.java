package weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import weft.schema.ConfigObject;
import weft.state.Change;
import weft.state.Delta;
import weft.testkit.Seeds;

/**
 * After every step, in whatever portions it came: what was derived step by step is what would be.
 */
class RecomputeTest {
  private static final int STEPS = 40;
  private static final String[] NETWORKS = {"p:a", "p:b", "p:c", "q:a", "q:b"};
  private static final String[] POLICIES = {"p:one", "p:two", "q:three"};
  private static final String[] GROUPS = {"p:g1", "p:g2", "q:g3"};
  private static final String[] PORTS = {"p:v1", "p:v2", "q:v3", "q:v4"};
  private static final String[] ROUTERS = {"p:lr", "q:lr"};
  private static final String[] TABLES = {"p:extra", "p:more"};
  private static final String[] FILTERS = {"p:accept", "p:prefer"};
  private static final JsonNode SUBNETS =
      Config.json("{'ipam_subnets':[{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':24}}]}");

  private final class Run {
    final Random random;
    final Compiler compiler = new Compiler(CompilerOptions.DEFAULT);
    final Map<DerivedKey, DerivedObject> followed = new TreeMap<>();
    Config config = new Config();
    long revision;
    Output last = new Output(new Delta<>(0, List.of()), java.util.Set.of(), java.util.Set.of());

    Run(long seed) {
      random = new Random(seed);
    }

    String pick(String... from) {
      return from[random.nextInt(from.length)];
    }

    void step() {
      Config next = config.copy();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        mutate(next);
      }
      if (random.nextInt(20) == 0) {
        feed(next.objectsSince(new Config()), next.allocationsSince(new Config()), true);
      } else {
        feedInPortions(next.objectsSince(config), next.allocationsSince(config));
      }
      config = next;
    }

    private void feedInPortions(
        List<Change<UUID, ConfigObject>> objects,
        List<Change<Allocation.Key, String>> allocations) {
      List<Change<UUID, ConfigObject>> shuffled = new ArrayList<>(objects);
      Collections.shuffle(shuffled, random);
      if (random.nextBoolean()) {
        feed(shuffled, allocations, false);
      } else {
        feed(List.of(), allocations, false);
        for (Change<UUID, ConfigObject> change : shuffled) {
          feed(List.of(change), List.of(), false);
        }
      }
      if (random.nextInt(4) == 0) {
        feed(shuffled, allocations, false);
      }
    }

    private void feed(
        List<Change<UUID, ConfigObject>> objects,
        List<Change<Allocation.Key, String>> allocations,
        boolean snapshot) {
      last = compiler.on(++revision, objects, allocations, snapshot);
      assertThat(last.objects().revision()).isEqualTo(revision);
      for (Change<DerivedKey, DerivedObject> change : last.objects().changes()) {
        assertThat(followed.get(change.key())).isEqualTo(change.before());
        switch (change) {
          case Change.Put<DerivedKey, DerivedObject> put -> followed.put(put.key(), put.after());
          case Change.Remove<DerivedKey, DerivedObject> remove -> followed.remove(remove.key());
        }
      }
    }

    private void mutate(Config next) {
      switch (random.nextInt(15)) {
        case 0, 1 ->
            next.with(attached(Config.networkWith(pick(NETWORKS), properties(), policies())));
        case 2, 3 -> next.with(Config.policy(pick(POLICIES), rules()));
        case 4 -> next.with(Config.securityGroup(pick(GROUPS), random.nextInt(3), groupRule()));
        case 5 -> next.with(Config.port(pick(PORTS), pick(NETWORKS)));
        case 6 ->
            next.with(
                attached(
                    Config.router(
                        pick(ROUTERS),
                        pick("{}", "{'logical_router_type':'vxlan-routing'}", properties()),
                        pick(PORTS),
                        pick(PORTS))));
        case 7 -> {
          if (!next.objects.isEmpty()) {
            List<UUID> all = List.copyOf(next.objects.keySet());
            next.objects.remove(all.get(random.nextInt(all.size())));
          }
        }
        case 8 -> allocate(next);
        case 13 ->
            next.with(
                Config.service(
                    "p:peer" + random.nextInt(2),
                    pick(
                        "{'autonomous_system':1}",
                        "{'autonomous_system':2}",
                        "{'bgpaas_shared':true,'bgpaas_ip_address':'10.0.0.9'}"),
                    pick(PORTS),
                    pick(PORTS)));
        case 14 ->
            next.with(
                Config.address(
                    "a" + random.nextInt(3), "10.0.0." + random.nextInt(9), pick(PORTS)));
        case 9 -> next.with(Config.system(pick("64512", "64513").equals("64512") ? 64512 : 64513));
        case 10 ->
            next.with(
                Config.routeTable(
                    pick(TABLES),
                    pick("192.168.0.0/24", "0.0.0.0/0") + pick(" 10.0.0.5", " 10.9.0.5"),
                    "172.16.0.0/12 10.0.0." + random.nextInt(4)));
        case 11 -> next.with(Config.object("bgpvpn", "p:vpn", Config.json(properties()), Map.of()));
        case 12 ->
            next.with(Config.object("routing-policy", pick(FILTERS), Config.json("{}"), Map.of()));
        default -> throw new AssertionError();
      }
    }

    /** With what networks and routers may refer to. */
    private ConfigObject attached(ConfigObject object) {
      ConfigObject with = object;
      JsonNode none = JsonNodeFactory.instance.nullNode();
      if (random.nextInt(3) == 0) {
        with = Config.referring(with, "route-table", none, pick(TABLES));
      }
      if (random.nextInt(3) == 0) {
        with = Config.referring(with, "bgpvpn", none, "p:vpn");
      }
      if (object.type().name().equals("logical-router") && random.nextBoolean()) {
        String role = "{'logical_router_virtual_network_type':'InternalVirtualNetwork'}";
        with = Config.referring(with, "virtual-network", Config.json(role), pick(NETWORKS));
      }
      if (object.type().name().equals("virtual-network") && random.nextBoolean()) {
        with = Config.referring(with, "network-ipam", SUBNETS, "p:ipam");
        String sequence = "{'sequence':'" + random.nextInt(3) + ".0'}";
        with = Config.referring(with, "routing-policy", Config.json(sequence), pick(FILTERS));
      }
      return with;
    }

    /** Answers a request, takes away a surplus, or allocates what nobody asked for. */
    private void allocate(Config next) {
      if (!last.requests().isEmpty()) {
        List<Allocation.Request> requests = List.copyOf(last.requests());
        Allocation.Request request = requests.get(random.nextInt(requests.size()));
        next.allocated(request.pool(), 8000000 + random.nextInt(1000), request.owner());
      } else if (!last.surplus().isEmpty()) {
        Allocation surplus = last.surplus().iterator().next();
        next.allocations.remove(new Allocation.Key(surplus.pool(), surplus.value()));
      } else {
        next.allocated("route-target/64512", 8000000 + random.nextInt(10), "d:p:x:x");
      }
    }

    private String properties() {
      return pick(
          "{}",
          "{'route_target_list':{'route_target':['target:1:1']}}",
          "{'import_route_target_list':{'route_target':['target:1:1','target:1:2']}}",
          "{'configured_route_target_list':{'route_target':['target:1:2']}}");
    }

    private String[] policies() {
      List<String> all = new ArrayList<>(List.of(POLICIES));
      Collections.shuffle(all, random);
      return all.subList(0, random.nextInt(3)).toArray(String[]::new);
    }

    private String[] rules() {
      String[] rules = new String[random.nextInt(4)];
      for (int i = 0; i < rules.length; i++) {
        rules[i] =
            "%s %s %s %s %s"
                .formatted(
                    pick(">", "<>"),
                    pick("pass", "pass", "deny"),
                    pick("any", "tcp", "icmp"),
                    end(),
                    end());
      }
      return rules;
    }

    private String end() {
      return switch (random.nextInt(6)) {
        case 0 -> "any";
        case 1 -> "local";
        case 2 -> "policy=" + pick(POLICIES);
        case 3 -> pick("10.0.0.0/8", "10.1.0.0/16");
        default -> pick(NETWORKS);
      };
    }

    private String groupRule() {
      return "{'direction':'>','protocol':'tcp','src_addresses':[{'security_group':'%s'}],"
              .formatted(pick("any", "local", "d:" + pick(GROUPS)))
          + "'dst_addresses':[{'security_group':'local'}]}";
    }
  }

  private record Result(
      SortedMap<DerivedKey, DerivedObject> desired, Object requests, Object surplus) {}

  @Test
  void incrementalEqualsRecomputed() {
    Seeds.each(
        60,
        seed -> {
          Run run = new Run(seed);
          for (int i = 0; i < STEPS; i++) {
            run.step();
            Compiler fresh = run.config.compiled();
            assertThat(new Result(run.compiler.desired(), run.last.requests(), run.last.surplus()))
                .isEqualTo(
                    new Result(
                        fresh.desired(), run.config.last.requests(), run.config.last.surplus()));
            assertThat(run.followed).isEqualTo(run.compiler.desired());
          }
          Config nothing = new Config();
          run.feed(nothing.objectsSince(run.config), nothing.allocationsSince(run.config), false);
          assertThat(run.compiler.desired()).isEmpty();
          assertThat(run.compiler.remembered()).isZero();
        });
  }
}
