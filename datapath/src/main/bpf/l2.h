/* Bridging by MAC. */
#pragma once
#include "l3.h"

/*
 * Finds where a frame goes; all group addresses share the entry of the broadcast address, and what
 * nobody is known to have goes by that of the zero address, if there is one.
 */
static __always_inline int l2_lookup(struct packet *p)
{
    struct bridge_key key = {.vrf = p->vrf};
    struct hop_value *hop;

    if (is_group(p->eth.h_dest))
        __builtin_memset(key.mac, 0xff, sizeof(key.mac));
    else
        mac_copy(key.mac, p->eth.h_dest);
    hop = bpf_map_lookup_elem(&bridges, &key);
    if (!hop) {
        __builtin_memset(key.mac, 0, sizeof(key.mac));
        hop = bpf_map_lookup_elem(&bridges, &key);
    }
    if (!hop)
        return DROP_L2_NO_ROUTE;
    p->next_hop = hop->next_hop;
    p->label = hop->label;
    return DROP_NONE;
}
