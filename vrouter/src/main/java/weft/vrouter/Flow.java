package weft.vrouter;

/**
 * A flow entry as the datapath keeps it.
 *
 * @param forward true for the direction whose first packet made the flow
 * @param fromGuest true if this direction is what the guest sends
 * @param reason why it is dropped, or NONE
 * @param acl the ACL that decided, 0 if none was asked
 * @param rule index of the rule in that ACL, or -1 if none matched
 * @param ageMs since the last packet
 */
public record Flow(
    FlowKey key,
    Acl.Action action,
    boolean forward,
    boolean fromGuest,
    DropReason reason,
    int acl,
    int rule,
    long packets,
    long bytes,
    long ageMs) {}
