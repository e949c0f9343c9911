/* Why packets are dropped, and the counting of it. */
#pragma once
#include "maps.h"

/* Counts the packet under its reason and drops it. */
STAGE drop(__u32 vif, __u32 reason)
{
    __u64 one = 1, *count;
    struct vif_drop_key key = {.vif = vif, .reason = reason};

    count = bpf_map_lookup_elem(&drops, &reason);
    if (count)
        *count += 1;
    if (!vif)
        return TC_ACT_SHOT;
    count = bpf_map_lookup_elem(&vif_drops, &key);
    if (count)
        *count += 1;
    else
        bpf_map_update_elem(&vif_drops, &key, &one, BPF_NOEXIST);
    return TC_ACT_SHOT;
}
