package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.bgp;
import static weft.routing.Samples.inet;
import static weft.routing.Samples.inetTable;
import static weft.routing.Samples.via;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import weft.net.ExtendedCommunity;
import weft.routing.RouteAttributes.Preference;

class SelectionTest {
  private static Path path(Peer peer, UnaryOperator<Preference> change) {
    RouteAttributes usual = via(peer, 20);
    return new Path(
        inetTable("red"),
        inet("10.0.0.1/32"),
        peer,
        0,
        usual.with(change.apply(usual.preference())),
        null,
        Path.Condition.VALID,
        false);
  }

  private static Path plain(int agent) {
    return path(agent(agent), a -> a);
  }

  private static Preference worstButFor(Preference a, Criterion criterion) {
    return switch (criterion) {
      case LOCAL_PREFERENCE -> Preference.of(200, null).withAsPath(List.of(1L, 2L, 3L));
      case NOT_LEAF -> a.withAsPath(List.of(1L, 2L, 3L));
      case STICKY_MAC -> a.with(new RouteAttributes.Mobility(true, 0));
      case MAC_MOBILITY ->
          a.with(new RouteAttributes.Mobility(false, 7)).withAsPath(List.of(1L, 2L));
      case AS_PATH_LENGTH -> a;
      case ORIGIN -> a;
      case MED -> Preference.of(100, 5L);
      default -> throw new IllegalArgumentException(criterion.toString());
    };
  }

  static Stream<Arguments> ladder() {
    return Stream.of(
        Arguments.of(Criterion.LOCAL_PREFERENCE, (UnaryOperator<Preference>) a -> a),
        Arguments.of(Criterion.NOT_LEAF, (UnaryOperator<Preference>) a -> a),
        Arguments.of(Criterion.STICKY_MAC, (UnaryOperator<Preference>) a -> a),
        Arguments.of(Criterion.MAC_MOBILITY, (UnaryOperator<Preference>) a -> a),
        Arguments.of(
            Criterion.AS_PATH_LENGTH,
            (UnaryOperator<Preference>) a -> a.withAsPath(List.of(64600L))),
        Arguments.of(
            Criterion.ORIGIN,
            (UnaryOperator<Preference>) a -> a.with(RouteAttributes.Origin.INCOMPLETE)),
        Arguments.of(Criterion.MED, (UnaryOperator<Preference>) _ -> Preference.of(100, 9L)));
  }

  /** The better path comes from the agent that would lose every later step. */
  @ParameterizedTest
  @MethodSource("ladder")
  void eachStepDecidesWhenTheOnesBeforeAreEqual(
      Criterion criterion, UnaryOperator<Preference> worse) {
    Path better = path(agent(9), a -> worstButFor(a, criterion));
    Path usual = path(agent(1), worse);
    Path other = criterion == Criterion.NOT_LEAF ? leaf(usual) : usual;
    Selection selection = Selection.of(List.of(other, better));
    assertThat(selection.best()).isEqualTo(better);
    assertThat(selection.decision(0)).isEqualTo(new Decision.Preferred(criterion));
    assertThat(selection.decision(1)).isEqualTo(new Decision.NotPreferred(criterion));
    assertThat(selection.equal()).isEqualTo(1);
  }

  @Test
  void medIsComparedAmongPathsOfOneNeighbourOnly() {
    Path a = path(bgp(1, Peer.Kind.EXTERNAL_BGP), x -> x.withAsPath(List.of(1L)));
    Path b =
        path(bgp(2, Peer.Kind.EXTERNAL_BGP), _ -> Preference.of(100, 50L).withAsPath(List.of(2L)));
    Path c =
        path(bgp(3, Peer.Kind.EXTERNAL_BGP), _ -> Preference.of(100, 60L).withAsPath(List.of(2L)));
    Selection selection = Selection.of(List.of(c, b, a));
    assertThat(selection.ecmp()).containsExactly(a, b);
    assertThat(selection.decision(2)).isEqualTo(new Decision.NotPreferred(Criterion.MED));
  }

  @Test
  void medIsComparedAmongAllIfTheOperatorWantsIt() {
    BestPathRules always = new BestPathRules(true, false);
    Path a = external(1, 50, 1L);
    Path b = external(2, 40, 2L);
    Path c = external(3, 60, 2L);
    assertThat(Selection.of(List.of(a, b, c)).ecmp()).containsExactly(a, b);
    Selection selection = Selection.of(List.of(c, b, a), always);
    assertThat(selection.ecmp()).containsExactly(b);
    assertThat(selection.decision(0)).isEqualTo(new Decision.Preferred(Criterion.MED));
    assertThat(Explanation.of(selection, 0))
        .isEqualTo("best: MED 40 (of any neighbour AS), the next has 50");
    assertThat(Explanation.of(selection, 1))
        .isEqualTo("not used: MED 50 (of any neighbour AS), the best has 40");
    assertThat(Explanation.of(selection, 2)).isEqualTo("not used: MED 60, the best has 40");
  }

  @Test
  void theLengthOfTheAsPathDecidesNothingIfTheOperatorWantsIt() {
    BestPathRules ignoring = new BestPathRules(false, true);
    Path far = external(1, 5, 1L, 3L, 4L);
    Path near = external(2, 7, 1L);
    Path other = external(3, 9, 2L);
    assertThat(Selection.of(List.of(far, near, other)).ecmp()).containsExactly(near, other);
    Selection selection = Selection.of(List.of(other, near, far), ignoring);
    assertThat(selection.ecmp()).containsExactly(far, other);
    assertThat(selection.decision(1)).isEqualTo(new Decision.EqualCost(Criterion.ROUTER_ID));
    assertThat(selection.decision(2)).isEqualTo(new Decision.NotPreferred(Criterion.MED));
    BestPathRules both = new BestPathRules(true, true);
    assertThat(Selection.of(List.of(other, near, far), both).ecmp()).containsExactly(far);
  }

  @Test
  void theLengthOfTheAsPathKeepsNoChainBackForAnother() {
    Path far = chained(external(1, 0, 1L, 3L, 4L));
    Path near = chained(external(2, 0, 1L));
    Path plain = external(3, 0, 2L, 5L);
    Selection alone = Selection.of(List.of(far, near));
    assertThat(alone.ecmp()).containsExactly(near, far);
    assertThat(alone.decision(1)).isEqualTo(new Decision.EqualCost(Criterion.AS_PATH_LENGTH));
    Selection beside = Selection.of(List.of(far, plain, near));
    assertThat(beside.ecmp()).containsExactly(near);
    assertThat(Selection.of(List.of(far, external(3, 0, 2L, 5L, 6L))).equal()).isEqualTo(2);
  }

  /** Each would be worse than another if origins of chains of any length were compared. */
  @Test
  void someChainIsAlwaysUsed() {
    Path far =
        chained(path(bgp(1, Peer.Kind.EXTERNAL_BGP), a -> a.withAsPath(List.of(1L, 2L, 3L))));
    Path near =
        chained(
            path(
                bgp(2, Peer.Kind.EXTERNAL_BGP),
                a -> a.withAsPath(List.of(1L)).with(RouteAttributes.Origin.EGP)));
    Path plain = external(3, 0, 2L, 5L);
    assertThat(Selection.of(List.of(far, near, plain)).ecmp()).containsExactly(near);
  }

  private static Path external(int number, long med, Long... asPath) {
    return path(
        bgp(number, Peer.Kind.EXTERNAL_BGP),
        _ -> Preference.of(100, med).withAsPath(List.of(asPath)));
  }

  private static Path chained(Path path) {
    OriginVnPath passed = new OriginVnPath(new OriginVn(64512, 7).toCommunities());
    RouteAttributes attributes = path.attributes();
    return path.with(attributes.with(attributes.membership().with(passed)));
  }

  private static Path leaf(Path path) {
    RouteAttributes attributes = path.attributes();
    ExtendedCommunity leaf = new ExtendedCommunity(0x0605_0100_0000_0000L);
    return path.with(
        attributes.with(attributes.membership().withOther(new TreeSet<>(Set.of(leaf)))));
  }

  @Test
  void agentsComeBeforeBgpAndExternalBeforeInternal() {
    Path internal = path(bgp(1, Peer.Kind.INTERNAL_BGP), a -> a);
    Path external = path(bgp(2, Peer.Kind.EXTERNAL_BGP), a -> a);
    Selection selection = Selection.of(List.of(internal, external, plain(3)));
    assertThat(selection.ranked()).containsExactly(plain(3), external, internal);
    assertThat(selection.equal()).isEqualTo(3);
    assertThat(selection.decision(1)).isEqualTo(new Decision.EqualCost(Criterion.SOURCE));
  }

  @Test
  void longStaleIsTheLastChoiceAndInfeasibleIsNone() {
    Path stale = plain(1).with(Path.Condition.LONG_STALE);
    Path infeasible = path(agent(3), _ -> Preference.of(900, null)).with(Path.Condition.INFEASIBLE);
    Selection selection = Selection.of(List.of(stale, infeasible, plain(2)));
    assertThat(selection.best()).isEqualTo(plain(2));
    assertThat(selection.decision(0)).isEqualTo(new Decision.Preferred(Criterion.NOT_LONG_STALE));
    assertThat(selection.decision(2)).isEqualTo(new Decision.Infeasible());
    assertThat(Selection.of(List.of(infeasible)).best()).isNull();
    assertThat(Selection.of(List.of(stale)).decision(0)).isEqualTo(new Decision.OnlyPath());
  }

  @Test
  void theOrderOfArrivalDoesNotMatter() {
    Random random = new Random(5);
    List<Path> paths = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int n = i;
      paths.add(
          path(
              bgp(i, i % 2 == 0 ? Peer.Kind.EXTERNAL_BGP : Peer.Kind.INTERNAL_BGP),
              _ -> Preference.of(100, (long) n % 5).withAsPath(List.of((long) n % 3))));
    }
    Selection expected = Selection.of(paths);
    for (int i = 0; i < 50; i++) {
      Collections.shuffle(paths, random);
      assertThat(Selection.of(paths)).isEqualTo(expected);
    }
  }

  @Test
  void aDecisionIsToldWithTheValuesThatDecided() {
    Selection byPreference =
        Selection.of(List.of(path(agent(1), a -> a), path(agent(2), a -> a.withLocal(200))));
    assertThat(Explanation.of(byPreference, 0))
        .isEqualTo("best: local preference 200, the next has 100");
    assertThat(Explanation.of(byPreference, 1))
        .isEqualTo("not used: local preference 100, the best has 200");
    Selection equal = Selection.of(List.of(plain(2), plain(1)));
    assertThat(Explanation.of(equal, 1)).startsWith("used beside the best: equal cost; router id ");
    assertThat(Explanation.of(Selection.of(List.of(plain(1))), 0)).isEqualTo("best: the only path");
    Selection byMed =
        Selection.of(
            List.of(
                path(agent(1), _ -> Preference.of(100, 20L)),
                path(agent(2), _ -> Preference.of(100, null))));
    assertThat(Explanation.of(byMed, 1)).isEqualTo("not used: MED 20, the best has 0 (none given)");
  }
}
