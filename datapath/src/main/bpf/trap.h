/* Packets for the agent, through a ring. */
#pragma once
#include "drop.h"

/* Brings the layout into the object's description, as no table has it. */
const volatile struct trap_header trap_header_layout = {};

struct trap_small {
    struct trap_header header;
    __u8 frame[TRAP_SMALL];
};

struct trap_large {
    struct trap_header header;
    __u8 frame[TRAP_LARGE];
};

/* A port pays `trap_interval_ns` of time for each trap and may owe `trap_burst_ns`. */
static __always_inline int trap_allowed(__u32 vif)
{
    struct vif_state *state = bpf_map_lookup_elem(&vif_states, &vif);
    struct config *c = config();
    __u64 now = bpf_ktime_get_ns(), paid;

    if (!state || !c)
        return 0;
    paid = state->trap_time_ns;
    if (paid > now + c->trap_burst_ns)
        return 0;
    state->trap_time_ns = (paid > now ? paid : now) + c->trap_interval_ns;
    return 1;
}

#define FILL_TRAP(record, limit)                                                  \
    do {                                                                          \
        (record)->header.vif = vif;                                               \
        (record)->header.reason = reason;                                         \
        (record)->header.length = length;                                         \
        if (length < ETH_HLEN || length > (limit) ||                              \
            bpf_skb_load_bytes(skb, 0, (record)->frame, length) < 0) {            \
            bpf_ringbuf_discard(record, 0);                                       \
            return DROP_INVALID_PACKET;                                           \
        }                                                                         \
        bpf_ringbuf_submit(record, 0);                                            \
    } while (0)

/* Shows the packet to the agent, cut at TRAP_LARGE; DROP_NONE if it has seen it. */
STAGE show(struct __sk_buff *skb, __u32 vif, __u32 reason)
{
    __u32 length = skb->len;

    if (!trap_allowed(vif))
        return DROP_TRAP_RATE;
    if (length <= TRAP_SMALL) {
        struct trap_small *record = bpf_ringbuf_reserve(&traps, sizeof(*record), 0);

        if (!record)
            return DROP_TRAP_QUEUE_FULL;
        FILL_TRAP(record, TRAP_SMALL);
    } else {
        struct trap_large *record = bpf_ringbuf_reserve(&traps, sizeof(*record), 0);

        if (!record)
            return DROP_TRAP_QUEUE_FULL;
        if (length > TRAP_LARGE)
            length = TRAP_LARGE;
        FILL_TRAP(record, TRAP_LARGE);
    }
    return DROP_NONE;
}

/* Hands the packet to the agent. It goes no further in the kernel. */
STAGE trap(struct __sk_buff *skb, __u32 vif, __u32 reason)
{
    int bad = show(skb, vif, reason);

    return bad ? drop(vif, bad) : TC_ACT_SHOT;
}
