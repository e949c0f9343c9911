package weft.control;

import java.util.List;
import weft.routing.Rib;
import weft.routing.RibOut;
import weft.routing.RoutingEvent;
import weft.routing.Verdict;
import weft.state.Latency;
import weft.state.Loop;

/**
 * Applies events to the tables and has what follows sent once the loop has nothing else to do
 * before: what happens together is told together.
 */
final class RouteFeed {
  /** Sends what is pending in a RibOut to one of its members, as far as it takes it. */
  interface Sender {
    void send(RibOut ribOut, String peer);
  }

  private final Rib rib;
  private final Loop loop;
  private Sender agents = (_, _) -> {};
  private Sender neighbours = (_, _) -> {};
  private final Latency latency = new Latency();
  private boolean scheduled;
  private long sinceNs;

  RouteFeed(Rib rib, Loop loop) {
    this.rib = rib;
    this.loop = loop;
  }

  void senders(Sender toAgents, Sender toNeighbours) {
    agents = toAgents;
    neighbours = toNeighbours;
  }

  Rib rib() {
    return rib;
  }

  Verdict apply(RoutingEvent event) {
    Verdict verdict = rib.apply(event);
    schedule();
    return verdict;
  }

  void apply(List<RoutingEvent.Told> told) {
    rib.apply(told);
    schedule();
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      sinceNs = loop.nowNs();
      loop.execute(this::flush);
    }
  }

  private void flush() {
    scheduled = false;
    for (RibOut ribOut : rib.takeChanged()) {
      Sender sender =
          switch (ribOut.policy()) {
            case AGENTS -> agents;
            case INTERNAL_BGP, EXTERNAL_BGP -> neighbours;
          };
      for (String peer : ribOut.members()) {
        sender.send(ribOut, peer);
      }
      ribOut.trim();
    }
    latency.observe(loop.nowNs() - sinceNs);
  }

  /** From a change until all that follows from it is handed to the sessions that take it. */
  Latency latency() {
    return latency;
  }
}
