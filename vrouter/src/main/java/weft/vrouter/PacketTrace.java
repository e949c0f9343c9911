package weft.vrouter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of one packet through one host.
 *
 * @param decisions a line each, in order, naming the entry that decided
 * @param packet as it leaves, or null if it was never whole
 */
public record PacketTrace(List<String> decisions, Outcome outcome, @Nullable Packet packet) {
  public PacketTrace {
    decisions = List.copyOf(decisions);
  }
}
