package weft.agent;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.agent.core.AgentCore;
import weft.agent.core.Event;
import weft.agent.core.Ids;
import weft.net.MacAddress;
import weft.vrouter.BridgeEntry;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableValue;

/** MACs behind ports that are not the ports' own: heard, and silent for too long. */
final class MacWatch {
  static final Duration LOOK = Duration.ofSeconds(5);
  private static final long SECOND_NS = 1_000_000_000L;

  private final AgentCore core;
  private final Forwarding forwarding;
  private final Consumer<Event> events;

  /** When a MAC was learned, for those that the datapath has not seen used since. */
  private final Map<BridgeKey, Long> learnedNs = new HashMap<>();

  MacWatch(AgentCore core, Forwarding forwarding, Consumer<Event> events) {
    this.core = core;
    this.forwarding = forwarding;
    this.events = events;
  }

  /** The source of a frame from a port's guest. */
  void heard(@Nullable UUID port, byte[] frame) {
    if (port != null && frame.length >= 12) {
      MacAddress mac = MacAddress.of(java.util.Arrays.copyOfRange(frame, 6, 12));
      events.accept(new Event.MacHeard(port, mac, System.nanoTime()));
    }
  }

  /** What the tables have from before this process counts as heard. */
  void remember() {
    Map<TableKey, TableValue> there = forwarding.contents();
    for (BridgeKey key : forwarding.macUses().keySet()) {
      if (there.get(key) instanceof BridgeEntry entry
          && there.get(new NextHopKey(entry.nextHop())) instanceof NextHop.EncapL2 encap) {
        UUID port = GuestBook.uuid(core.ids().name(Ids.Pool.VIF, encap.vif()));
        if (port != null) {
          events.accept(new Event.MacHeard(port, key.mac(), System.nanoTime()));
        }
      }
    }
  }

  /** Lets go of those that were silent for as long as their network says. */
  void look() {
    Map<BridgeKey, Long> uses = forwarding.macUses();
    Map<BridgeKey, Long> known = new HashMap<>();
    long now = System.nanoTime();
    core.learnedMacs().forEach((vrf, macs) -> age(vrf, macs, uses, known, now));
    uses.keySet().stream().filter(key -> !known.containsKey(key)).forEach(forwarding::forgetMac);
    learnedNs.clear();
    learnedNs.putAll(known);
  }

  private void age(
      String vrf,
      List<MacAddress> macs,
      Map<BridgeKey, Long> uses,
      Map<BridgeKey, Long> known,
      long now) {
    int ageing = core.macAgeing(vrf);
    int id = core.ids().find(Ids.Pool.VRF, vrf);
    for (MacAddress mac : macs) {
      BridgeKey key = new BridgeKey(id, mac);
      long first = learnedNs.getOrDefault(key, now);
      long last = Math.max(first, uses.getOrDefault(key, first));
      if (ageing != 0 && now - last > ageing * SECOND_NS) {
        events.accept(new Event.MacSilent(vrf, mac));
      } else {
        known.put(key, first);
      }
    }
  }
}
