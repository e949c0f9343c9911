package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static weft.routing.Samples.inetTable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.RouteDistinguisher;
import weft.testkit.Seeds;

/** The flat structures do what the plain ones of the JDK do, whatever happens to them. */
class StructuresTest {
  private final Table table = new Table(inetTable("red"), new AttributePool());

  /** Few keys, so that they come back, collide and leave gaps. */
  private static RouteKey key(Random random) {
    IpPrefix prefix = new IpPrefix(new Ipv4Address(0x0a00_0000 + random.nextInt(400)), 32);
    return random.nextBoolean()
        ? new RouteKey.Inet(prefix)
        : RouteKey.Vpn.of(RouteDistinguisher.ofAs2(64512, random.nextInt(3)), prefix);
  }

  @Test
  void aWalkInPortionsFindsAllThatStays() {
    Seeds.each(
        200,
        seed -> {
          Random random = new Random(seed);
          Table walked = new Table(inetTable("red"), new AttributePool());
          int steady = random.nextInt(300);
          Set<Route> staying = new HashSet<>();
          for (int i = 0; i < steady; i++) {
            staying.add(walked.locate(key(random)));
          }
          Set<Route> found = new HashSet<>();
          Table.Scan scan = walked.scan();
          boolean growing = random.nextBoolean();
          int most = 1 + random.nextInt(40);
          while (scan.next(most, found::add)) {
            for (int i = random.nextInt(growing ? 60 : 8); i > 0; i--) {
              Route known = walked.route(key(random));
              if (known != null && !staying.contains(known)) {
                walked.drop(known);
              } else if (known == null && walked.size() < 800) {
                walked.locate(key(random));
              }
            }
          }
          assertThat(found).containsAll(staying);
        });
  }

  @Test
  void aKeyTableIsAMap() {
    Seeds.each(
        60,
        seed -> {
          Random random = new Random(seed);
          KeyTable<Route> keyed = new KeyTable<>();
          Map<RouteKey, Route> model = new HashMap<>();
          int shrinking = 0;
          for (int i = 0; i < 4000; i++) {
            RouteKey key = key(random);
            shrinking = i % 1000 == 0 ? random.nextInt(4) : shrinking;
            Route known = model.get(key);
            assertThat(keyed.get(key)).isSameAs(known);
            if (known == null && random.nextInt(4) >= shrinking) {
              Route route = new Route(table, key);
              model.put(key, route);
              keyed.add(route);
            } else if (known != null && random.nextInt(4) < shrinking) {
              model.remove(key);
              keyed.remove(known);
              keyed.remove(known);
            }
            assertThat(keyed.size()).isEqualTo(model.size());
          }
          assertThat(keyed.values()).containsExactlyInAnyOrderElementsOf(model.values());
        });
  }

  @Test
  void whatIsInternedIsHeldAsOftenAsItWasAskedFor() {
    Seeds.each(
        60,
        seed -> {
          Random random = new Random(seed);
          Interned<List<Integer>> interned = new Interned<>();
          Map<List<Integer>, List<List<Integer>>> model = new HashMap<>();
          for (int i = 0; i < 4000; i++) {
            List<Integer> value = List.of(random.nextInt(300) * 64); // hashes lie close together
            List<List<Integer>> held = model.computeIfAbsent(value, _ -> new ArrayList<>());
            if (random.nextInt(5) < (i / 1000 % 2 == 0 ? 3 : 1)) {
              List<Integer> known = interned.hold(value);
              assertThat(known).isSameAs(held.isEmpty() ? null : held.getFirst());
              if (known == null) {
                interned.add(value);
              }
              held.add(known == null ? value : known);
            } else if (!held.isEmpty()) {
              List<Integer> last = held.removeLast();
              assertThat(interned.release(value)).isSameAs(held.isEmpty() ? last : null);
            }
            held = held.isEmpty() ? model.remove(value) : held;
            assertThat(interned.size()).isEqualTo(model.size());
          }
        });
  }

  @Test
  void asNumbersAreAList() {
    List<Long> plain = List.of(65001L, 4_294_967_295L, 0L);
    List<Long> numbers = AsNumbers.copyOf(plain);
    assertThat(numbers).isEqualTo(plain).hasSameHashCodeAs(plain);
    assertThat(plain).isEqualTo(numbers);
    assertThat(AsNumbers.copyOf(List.of(1L, 2L))).isNotEqualTo(AsNumbers.copyOf(List.of(1L, 3L)));
    assertThatThrownBy(() -> AsNumbers.copyOf(List.of(1L << 32)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRouteSetIsASetByIdentity() {
    Seeds.each(
        60,
        seed -> {
          Random random = new Random(seed);
          List<Route> all = new ArrayList<>();
          for (int i = 0; i < 500; i++) {
            all.add(new Route(table, key(random))); // equal keys, different routes
          }
          RouteSet set = new RouteSet();
          Set<Route> model = Collections.newSetFromMap(new IdentityHashMap<>());
          for (int i = 0; i < 4000; i++) {
            Route route = all.get(random.nextInt(i / 1000 % 2 == 0 ? 500 : 50));
            assertThat(set.contains(route)).isEqualTo(model.contains(route));
            if (random.nextInt(5) < (i / 500 % 2 == 0 ? 4 : 1)) {
              assertThat(set.add(route)).isEqualTo(model.add(route));
            } else {
              assertThat(set.remove(route)).isEqualTo(model.remove(route));
            }
            assertThat(set.size()).isEqualTo(model.size());
            assertThat(set.isEmpty()).isEqualTo(model.isEmpty());
          }
          assertThat(new HashSet<>(set.toList())).isEqualTo(new HashSet<>(model));
          assertThat(set.toList()).hasSize(model.size());
        });
  }

  /** Peers of all speeds, who come and go, know what is told now when they have read all. */
  @Test
  void whoeverReadsToTheEndKnowsThePresentState() {
    Seeds.each(60, seed -> new Readers(new Random(seed)).go());
  }

  private static final class Readers {
    private final Random random;
    private final Table table = new Table(TableId.backbone(Family.VPN_INET), new AttributePool());
    private final RibOut ribOut;
    private final Map<RouteKey, Path> state = new HashMap<>();
    private final Map<Peer, Map<RouteKey, RouteAttributes>> heard =
        new TreeMap<>(java.util.Comparator.comparing(Peer::name));

    Readers(Random random) {
      this.random = random;
      for (int before = random.nextInt(3); before > 0; before--) {
        table.addRibOut(ExportPolicy.INTERNAL_BGP, before);
      }
      ribOut = table.addRibOut(ExportPolicy.EXTERNAL_BGP, 1);
    }

    void go() {
      for (int i = 0; i < 3000; i++) {
        Peer peer = Samples.bgp(random.nextInt(6), Peer.Kind.EXTERNAL_BGP);
        switch (random.nextInt(12)) {
          case 0 -> comesOrGoes(peer);
          case 1, 2 -> reads(peer, 1 + random.nextInt(40));
          case 3 -> ribOut.trim();
          default -> changes();
        }
      }
      for (Peer peer : List.copyOf(heard.keySet())) {
        reads(peer, Integer.MAX_VALUE);
        ribOut.trim();
        Map<RouteKey, RouteAttributes> expected = new HashMap<>();
        state.forEach((key, path) -> {
          if (!path.peer().equals(peer)) {
            expected.put(key, path.attributes());
          }
        });
        assertThat(heard.get(peer)).isEqualTo(expected);
        assertThat(ribOut.isPending(peer.name())).isFalse();
      }
    }

    private void comesOrGoes(Peer peer) {
      if (heard.remove(peer) == null) {
        heard.put(peer, new HashMap<>());
        ribOut.join(peer);
      } else {
        ribOut.leave(peer.name());
      }
    }

    private void changes() {
      IpPrefix prefix = new IpPrefix(new Ipv4Address(random.nextInt(120)), 32);
      RouteKey key = RouteKey.Vpn.of(RouteDistinguisher.ZERO, prefix);
      if (random.nextInt(3) == 0) {
        state.remove(key);
        Route gone = table.route(key);
        if (gone != null) {
          ribOut.set(gone, (Path) null);
          table.drop(gone);
        }
        return;
      }
      Peer source = Samples.bgp(random.nextInt(8), Peer.Kind.EXTERNAL_BGP);
      Path path =
          new Path(
              ribOut.table(),
              key,
              source,
              0,
              Samples.via(source, random.nextInt(3)),
              null,
              Path.Condition.VALID,
              false);
      state.put(key, path);
      ribOut.set(table.locate(key), path);
    }

    private void reads(Peer peer, int batches) {
      Map<RouteKey, RouteAttributes> mine = heard.get(peer);
      for (int i = 0; mine != null && i < batches && ribOut.isPending(peer.name()); i++) {
        for (RibOut.Update update : ribOut.next(peer.name(), 8).updates()) {
          switch (update) {
            case RibOut.Update.Tell(Advert advert, int _) ->
                mine.put(advert.key(), advert.attributes());
            case RibOut.Update.Retract(RouteKey key, int _) -> mine.remove(key);
          }
        }
      }
    }
  }
}
