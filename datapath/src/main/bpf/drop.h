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

static __always_inline void count_rx(struct __sk_buff *skb, __u32 vif)
{
    struct vif_counters *count = bpf_map_lookup_elem(&vif_counts, &vif);

    if (count) {
        count->rx_packets++;
        count->rx_bytes += skb->len;
    }
}

static __always_inline void count_tx(struct __sk_buff *skb, __u32 vif)
{
    struct vif_counters *count = bpf_map_lookup_elem(&vif_counts, &vif);

    if (count) {
        count->tx_packets++;
        count->tx_bytes += skb->len;
    }
}
