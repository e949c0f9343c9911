/* Why packets are dropped, and the counting of it. */
#pragma once
#include "packet.h"

/* Brings the layout into the object's description, as no table has it. */
const volatile struct drop_event drop_event_layout = {};

/* While somebody watches, each drop is told with its flow and the rule that decided. */
static __always_inline void tell_drop(__u32 vif, __u32 reason)
{
    __u32 zero = 0;
    struct config *c = config();
    struct packet *p = bpf_map_lookup_elem(&packets, &zero);
    struct shared_flow *shared = shared_flow();
    struct flow_value *flow;
    struct drop_event *event;

    if (!c || !c->watch_drops || !p || !shared)
        return;
    event = bpf_ringbuf_reserve(&drop_events, sizeof(*event), 0);
    if (!event)
        return;
    event->key = p->key;
    event->vif = vif;
    event->reason = reason;
    event->acl = 0;
    event->rule = -1;
    flow = NULL;
    if (p->shares)
        flow = bpf_map_lookup_elem(&flows, &shared->key);
    else if (p->key.family)
        flow = bpf_map_lookup_elem(&flows, &p->key);
    if (flow && flow->reason == reason) {
        event->acl = flow->acl;
        event->rule = flow->rule;
    }
    bpf_ringbuf_submit(event, 0);
}

/* Counts the packet under its reason and drops it. */
STAGE drop(__u32 vif, __u32 reason)
{
    __u64 one = 1, *count;
    struct vif_drop_key key = {.vif = vif, .reason = reason};

    tell_drop(vif, reason);
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
