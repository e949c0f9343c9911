/*
 * The Ethernet addresses by which other hosts are reached. The kernel knows them, but a search for
 * each packet costs a tenth of its way; so each CPU keeps what it has found, for a moment.
 */
#pragma once
#include <linux/bpf.h>
#include "l3.h"

#define NEIGHBOURS 1024 /* a power of two */
/*
 * How long what was found holds. The packet after that is left to the kernel, which looks for the
 * neighbour, asks whether it is there, and notes that it is used, as for packets of its own.
 */
#define NEIGHBOUR_NS 20000000ULL

#ifndef AF_INET
#define AF_INET 2
#endif

struct neighbour {
    __be32 source;
    __be32 destination;
    __u32 ifindex;
    struct way way; /* zeros if it is the kernel's matter */
    __u32 mtu;
    __u64 until_ns; /* of CLOCK_MONOTONIC */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, NEIGHBOURS);
    __type(key, __u32);
    __type(value, struct neighbour);
} neighbours SEC(".maps");

/* Too large for the stack: a question is asked by one program on a CPU at a time. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct bpf_fib_lookup);
} neighbour_questions SEC(".maps");

static __always_inline int way_known(const struct way *way)
{
    return way->to[0] | way->to[1] | way->to[2] | way->to[3] | way->to[4] | way->to[5];
}

/*
 * What the kernel's routes and neighbours say, as to a packet that came by the agent's device: only
 * there the kernel answers without being a router otherwise.
 */
static __noinline int ask_neighbour(struct __sk_buff *skb, struct neighbour *n,
                                    __u32 agent_ifindex)
{
    __u32 zero = 0;
    struct bpf_fib_lookup *ask = bpf_map_lookup_elem(&neighbour_questions, &zero);

    __builtin_memset(&n->way, 0, sizeof(n->way));
    if (!ask)
        return 0;
    __builtin_memset(ask, 0, sizeof(*ask));
    ask->family = AF_INET;
    ask->ifindex = agent_ifindex;
    ask->ipv4_src = n->source;
    ask->ipv4_dst = n->destination;
    if (bpf_fib_lookup(skb, ask, sizeof(*ask), 0) != BPF_FIB_LKUP_RET_SUCCESS ||
        ask->ifindex != n->ifindex || is_group(ask->dmac))
        return 0;
    mac_copy(n->way.to, ask->dmac);
    mac_copy(n->way.from, ask->smac);
    return 0;
}

/*
 * Fills in `p->way` if it is known how to reach `to` by the underlay's device, and with it what fits
 * that device; of larger packets the kernel is asked.
 */
static __noinline int find_way(struct __sk_buff *skb, struct packet *p, __be32 from, __be32 to)
{
    __u32 slot = bpf_ntohl(to) & (NEIGHBOURS - 1);
    struct neighbour *n = bpf_map_lookup_elem(&neighbours, &slot);
    struct config *c = config();
    __u64 now = bpf_ktime_get_coarse_ns();
    __u32 mtu;

    if (!n || !c)
        return 0;
    if (now < n->until_ns && n->destination == to && n->source == from &&
        n->ifindex == c->fabric_ifindex) {
        p->way = n->way;
        p->fits = n->mtu;
        return 0;
    }
    n->destination = to;
    n->source = from;
    n->ifindex = c->fabric_ifindex;
    n->until_ns = now + NEIGHBOUR_NS;
    mtu = 0;
    bpf_check_mtu(skb, n->ifindex, &mtu, 0, 0);
    n->mtu = mtu;
    return ask_neighbour(skb, n, c->agent_ifindex);
}
