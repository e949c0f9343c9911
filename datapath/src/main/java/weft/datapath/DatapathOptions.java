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
 */
public record DatapathOptions(
    Path bpfDir, String agentDevice, int flowTableSize, int flowsPerVif, int trapsPerSecond) {

  /** The usual sizes, pinned under `bpfDir`. */
  public static DatapathOptions of(Path bpfDir) {
    return new DatapathOptions(bpfDir, "pkt0", 512 * 1024, 64 * 1024, 500);
  }

  public DatapathOptions {
    if (agentDevice.isEmpty() || agentDevice.length() > 15) {
      throw new IllegalArgumentException("a device name has 1 to 15 characters: " + agentDevice);
    }
    if (flowTableSize < 2 || flowsPerVif < 2 || trapsPerSecond < 1) {
      throw new IllegalArgumentException(
          "flow table size and flows per vif must be at least 2, traps per second at least 1");
    }
  }
}
