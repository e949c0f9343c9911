package weft.agent.core;

import org.jspecify.annotations.Nullable;
import weft.agent.core.Situation.ActivePort;
import weft.agent.core.Wanted.Network;
import weft.net.MacAddress;

/** Takes in what was heard of MACs that are not ports' own, here and at other hosts. */
final class MacLearning {
  private final Situation situation;
  private final Dependents touched;

  MacLearning(Situation situation, Dependents touched) {
    this.situation = situation;
    this.touched = touched;
  }

  static boolean learns(ActivePort port) {
    return port.config().network().macs().learning();
  }

  /** What is a port's own, on whatever host, stays that port's. */
  void heard(Event.MacHeard event) {
    ActivePort port = situation.active.get(event.port());
    if (port == null || !learns(port) || event.mac().isGroup()) {
      return;
    }
    String vrf = port.vrf();
    MacRules rules = port.config().network().macs();
    Routes.Elsewhere elsewhere = situation.elsewhere(vrf, event.mac());
    boolean owned =
        !situation.portsWith(vrf, event.mac()).isEmpty()
            || !situation.floatingWith(vrf, event.mac()).isEmpty()
            || elsewhere.fixed();
    if (!owned) {
      boolean wasFull = situation.learned.isFull(vrf, rules);
      LearnedMacs.Heard heard =
          situation.learned.hear(
              event.port(), vrf, event.mac(), rules, elsewhere.sequence(), event.nowNs());
      if (heard == LearnedMacs.Heard.LEARNED) {
        touched.learned(vrf, event.mac(), wasFull != situation.learned.isFull(vrf, rules));
      }
    }
  }

  void forget(String vrf, MacAddress mac) {
    Network network = situation.networks.get(vrf);
    boolean wasFull = network != null && situation.learned.isFull(vrf, network.macs());
    if (situation.learned.forget(vrf, mac)) {
      touched.learned(vrf, mac, wasFull);
    }
  }

  /** A port is another now, or none: what was heard there goes unless it may still be heard. */
  void follow(ActivePort before, @Nullable ActivePort after) {
    if (after == null || !after.vrf().equals(before.vrf()) || !learns(after)) {
      situation
          .learned
          .of(before.vrf(), before.plugged().id())
          .forEach(mac -> forget(before.vrf(), mac));
    }
  }

  /** A MAC that another host has heard later is not here any more. */
  void yieldTo(String vrf, MacAddress mac) {
    LearnedMacs.Learned learned = situation.learned.of(vrf, mac);
    if (learned != null && situation.elsewhere(vrf, mac).goesBefore(learned.sequence())) {
      forget(vrf, mac);
    }
  }
}
