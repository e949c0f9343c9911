/* MACs behind a port, beside its own: known to be there, or told to the agent. */
#pragma once
#include "l3.h"
#include "trap.h"

#define MAC_USE_NS 1000000000ULL /* how exactly the last use is known */

static __noinline int note_use(struct bridge_key *key)
{
    struct mac_use now = {.last_ns = bpf_ktime_get_coarse_ns()};
    struct mac_use *use = bpf_map_lookup_elem(&mac_uses, key);

    if (use) {
        if (now.last_ns - use->last_ns > MAC_USE_NS)
            use->last_ns = now.last_ns;
    } else {
        bpf_map_update_elem(&mac_uses, key, &now, BPF_NOEXIST);
    }
    return DROP_NONE;
}

/*
 * Whether the frame may come from a MAC that is not the port's own. One that is known elsewhere has
 * moved if the agent says so; until then its frames do not pass.
 */
STAGE learn(struct __sk_buff *skb, struct packet *p, const struct vif_value *vif)
{
    if (!p || !vif)
        return DROP_INVALID_SOURCE;

    struct bridge_key key = {.vrf = p->vrf};
    struct next_hop_value *nh = NULL;
    struct hop_value *hop;

    if (is_group(p->eth.h_source) || mac_equals(p->eth.h_source, GATEWAY_MAC))
        return DROP_INVALID_SOURCE;
    mac_copy(key.mac, p->eth.h_source);
    hop = bpf_map_lookup_elem(&bridges, &key);
    if (hop)
        nh = bpf_map_lookup_elem(&next_hops, &hop->next_hop);
    if (nh && nh->type == NH_ENCAP_L2 && nh->target == p->vif)
        return note_use(&key);
    if (!hop && (vif->flags & VIF_LEARNT))
        return DROP_MAC_LIMIT;
    show(skb, p->vif, TRAP_MAC);
    return hop ? DROP_INVALID_SOURCE : DROP_NONE;
}
