package weft.datapath;

import java.nio.file.Path;

/**
 * How a host's datapath is set up.
 *
 * @param bpfDir where maps and links are pinned; a bpffs is mounted there if there is none
 * @param agentDevice name of the TAP device by which frames of the agent enter the datapath
 * @param flowTableSize entries of the flow table; each direction of a flow takes one
 * @param flowsPerVif entries one vif may have in it
 * @param trapsPerSecond packets one vif may hand to the agent, with bursts of as many
 * @param routes unicast routes of all VRFs
 */
public record DatapathOptions(
    Path bpfDir,
    String agentDevice,
    int flowTableSize,
    int flowsPerVif,
    int trapsPerSecond,
    int routes) {
  /** As many as routers have that know the whole internet. */
  public static final int ROUTES = 1 << 20;

  public static final int FLOW_TABLE_SIZE = 1 << 19;
  public static final int FLOWS_PER_VIF = 1 << 16;
  private static final int TRAPS_PER_SECOND = 500;

  /** The usual sizes, pinned under `bpfDir`. */
  public static DatapathOptions of(Path bpfDir) {
    return of(bpfDir, FLOW_TABLE_SIZE, FLOWS_PER_VIF, ROUTES);
  }

  /** Likewise, with tables of other sizes. */
  public static DatapathOptions of(Path bpfDir, int flowTableSize, int flowsPerVif, int routes) {
    return new DatapathOptions(
        bpfDir, "pkt0", flowTableSize, flowsPerVif, TRAPS_PER_SECOND, routes);
  }

  public DatapathOptions {
    if (agentDevice.isEmpty() || agentDevice.length() > 15) {
      throw new IllegalArgumentException("a device name has 1 to 15 characters: " + agentDevice);
    }
    if (routes < 1) {
      throw new IllegalArgumentException("room for at least one route is needed");
    }
    if (flowTableSize < 2 || flowsPerVif < 2 || trapsPerSecond < 1) {
      throw new IllegalArgumentException(
          "flow table size and flows per vif must be at least 2, traps per second at least 1");
    }
  }
}
