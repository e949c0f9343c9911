package weft.agent.core;

import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;

/**
 * What a network does with MACs that are not those of its ports.
 *
 * @param floodUnknown frames to MACs that nobody is known to have go to all
 * @param learning guests may have MACs beside their ports' own
 * @param limit how many of them this host takes, 0 for any number
 * @param dropsBeyond whether frames of more do not pass; else they pass and nobody knows their MACs
 * @param ageing after how many silent seconds one is forgotten, 0 for never
 */
public record MacRules(
    boolean floodUnknown,
    boolean learning,
    int limit,
    boolean dropsBeyond,
    Moves moves,
    int ageing) {
  public static final MacRules NONE = new MacRules(false, false, 0, false, Moves.ANY, 0);

  private static final int USUAL_AGEING = 300;

  /**
   * How often a MAC may move.
   *
   * @param limit 0 for any number in `window` seconds
   * @param refused whether it stays where it is then; else it is only told
   */
  public record Moves(int limit, int window, boolean refused) {
    static final Moves ANY = new Moves(0, 0, false);
  }

  /**
   * @param system the global-system-config, for what the network leaves open
   */
  static MacRules of(XmlElement network, @Nullable XmlElement system) {
    XmlElement limit = either(network, system, "mac-limit-control");
    XmlElement moves = either(network, system, "mac-move-control");
    return new MacRules(
        Xml.isTrue(Xml.text(network, "flood-unknown-unicast")),
        Xml.isTrue(Xml.text(network, "mac-learning-enabled")),
        Xml.number(Xml.text(limit, "mac-limit"), 0),
        isStrict(Xml.text(limit, "mac-limit-action")),
        new Moves(
            Xml.number(Xml.text(moves, "mac-move-limit"), 0),
            Xml.number(Xml.text(moves, "mac-move-time-window"), 10),
            isStrict(Xml.text(moves, "mac-move-limit-action"))),
        Xml.number(Xml.text(either(network, system, "mac-aging-time")), USUAL_AGEING));
  }

  private static @Nullable XmlElement either(
      XmlElement network, @Nullable XmlElement system, String name) {
    XmlElement own = network.child(name);
    return own != null || system == null ? own : system.child(name);
  }

  /** No port is shut: what is too much does not pass. */
  private static boolean isStrict(@Nullable String action) {
    return "drop".equals(action) || "shutdown".equals(action);
  }
}
