package weft.compiler;

/**
 * Choices that hold for a whole installation.
 *
 * @param unnamedPeers what becomes, in a network with policies, of traffic with a network that none
 *     of its rules names
 */
public record CompilerOptions(UnnamedPeers unnamedPeers) {
  public static final CompilerOptions DEFAULT = new CompilerOptions(UnnamedPeers.DENY);

  /** How the access list of a network ends. */
  public enum UnnamedPeers {
    /** With "deny any". */
    DENY,
    /**
     * With a denial of each network named, then "pass any": what a logical router joins, passes.
     */
    PASS
  }
}
