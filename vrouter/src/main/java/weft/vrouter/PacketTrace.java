package weft.vrouter;

import java.util.List;

/**
 * The way of one packet through one host.
 *
 * @param decisions a line each, in order, naming the entry that decided
 */
public record PacketTrace(List<String> decisions, Outcome outcome) {
  public PacketTrace {
    decisions = List.copyOf(decisions);
  }
}
