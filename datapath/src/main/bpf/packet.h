/* One packet on its way through the pipeline. */
#pragma once
#include <linux/if_ether.h>
#include "maps.h"

/*
 * Reads `*to` from the packet at `at`, without a call if it is in the first part, where headers
 * mostly are. 0 if it is there.
 */
#define read_packet(skb, at, to)                                                           \
    ({                                                                                     \
        const __typeof__(*(to)) *in_ = (void *)(long)(skb)->data + (at);                   \
        long error_ = 0;                                                                   \
        if ((void *)(in_ + 1) <= (void *)(long)(skb)->data_end)                            \
            *(to) = *in_;                                                                  \
        else                                                                               \
            error_ = bpf_skb_load_bytes(skb, at, to, sizeof(*(to)));                       \
        error_;                                                                            \
    })

/* The flow whose packet an ICMP error quotes, in the error's direction. */
struct quoted_flow {
    __be32 source[4];
    __be32 destination[4];
    __u16 source_port;
    __u16 destination_port;
    __u8 protocol;
    __u8 pad[3];
};

enum fragment_part {
    WHOLE,
    FRAGMENT_FIRST,
    FRAGMENT_LATER,
};

/* Ethernet addresses, as they stand in a frame. */
struct way {
    __u8 to[ETH_ALEN];
    __u8 from[ETH_ALEN];
};

struct packet {
    struct flow_key key; /* addresses and ports; the vif is set where it is judged */
    struct ethhdr eth;   /* as received; tunnels write it from here */
    struct quoted_flow quoted;
    __be32 own_source[4]; /* of a translated packet, what the guest wrote */
    __u16 own_port;
    __u8 ttl;
    __u8 icmp_type;
    __u8 payload; /* where what follows the IP header, and its extensions, starts */
    __u32 vif; /* where it came from, 0 for a tunnel */
    __u32 vrf;
    __u32 next_hop; /* where it goes, and with which label or VNI */
    __s32 label;
    struct way way; /* to the next hop in the underlay, if it is known; see neighbour.h */
    __be32 fragment_id; /* of IPv4 as it stands there */
    __u16 fits;         /* the MTU of the underlay's device, as it was a moment ago; 0 if not known */
    __u8 fragment;
    __u8 tcp; /* flags that matter to its flow */
    __u8 related : 1;     /* ICMP error, see `quoted` */
    __u8 routed : 1;      /* by IP, so TTL and MACs change */
    __u8 flooded : 1;     /* one copy of a flooded frame */
    __u8 from_fabric : 1;
    __u8 lifted : 1;     /* outer headers stand before the frame; the kernel does not know of them */
    __u8 service : 1;    /* for a socket of this host */
    __u8 translated : 1; /* at the sender's vif: it is routed in the VRF of its new source */
    __u8 outward : 1;    /* likewise, by this host's address: it goes to the underlay as it is */
    __u8 shares : 1;     /* its flow with others, see `shared_flow` */
};

/* The one that this CPU works on: a program is never interrupted by another on its CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct packet);
} packets SEC(".maps");

/*
 * The same as the one that a stage was given. Older verifiers take a key from a table's value but
 * not from an argument of a stage.
 */
static __always_inline struct packet *this_packet(void)
{
    __u32 zero = 0;

    return bpf_map_lookup_elem(&packets, &zero);
}

static __always_inline struct packet *fresh_packet(void)
{
    struct packet *p = this_packet();

    if (p) {
        __builtin_memset(p, 0, sizeof(*p));
        p->label = -1;
    }
    return p;
}

/* The flow that the packet at hand shares, and who it is in truth. */
struct shared_flow {
    struct flow_key key;
    struct flow_key who; /* in the sense of the packet that is judged */
    __u8 source_length;
    __u8 destination_length;
    __u8 pad[2];
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct shared_flow);
} shared_flows SEC(".maps");

static __always_inline struct shared_flow *shared_flow(void)
{
    __u32 zero = 0;

    return bpf_map_lookup_elem(&shared_flows, &zero);
}
