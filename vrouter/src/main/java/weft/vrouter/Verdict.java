package weft.vrouter;

/**
 * What policy says of a packet at one vif.
 *
 * @param reason NONE if it passes
 * @param acl the ACL that decided, 0 if none was asked
 * @param rule index of the rule in that ACL, -1 if none matched or none was asked
 */
public record Verdict(DropReason reason, int acl, int rule) {
  static final Verdict UNASKED = new Verdict(DropReason.NONE, 0, -1);

  public boolean passes() {
    return reason == DropReason.NONE;
  }
}
