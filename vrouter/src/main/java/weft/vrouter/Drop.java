package weft.vrouter;

import org.jspecify.annotations.Nullable;

/**
 * A packet that was dropped.
 *
 * @param vif at which, or 0
 * @param flow the packet's; null if it was dropped before its addresses were read, or has none
 * @param acl that decided, 0 if none did
 * @param rule index in that ACL, or -1 if none matched
 */
public record Drop(int vif, DropReason reason, @Nullable FlowKey flow, int acl, int rule) {}
