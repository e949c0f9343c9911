/* What a next hop does with a packet. */
#pragma once
#include <linux/if_packet.h>
#include "flow.h"
#include "icmp.h"
#include "mss.h"
#include "neighbour.h"
#include "tunnel_out.h"

#define MAX_MEMBERS 4095 /* fits the mark of a flooded copy */
#define MARK_ENCAPSULATED 0xffffffff
#define MARK_TO_HOST 0xfffffffe
#define MARK_INDEX_BITS 12

/*
 * Out of a vif's device. Straight into the guest's namespace where that spares a pass through the
 * queue of its device; what the kernel has found out about the frame must hold there, too.
 */
static __always_inline int to_device(struct __sk_buff *skb, const struct packet *p,
                                     const struct vif_value *vif)
{
    __be16 protocol = p->key.family == FAMILY_IPV4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);

    if (!(vif->flags & VIF_PEER) || !p->key.family || skb->protocol != protocol ||
        (!p->routed && !mac_equals(p->eth.h_dest, vif->mac)) ||
        (skb->pkt_type != PACKET_HOST && bpf_skb_change_type(skb, PACKET_HOST)))
        return leave(skb, vif);
    return bpf_redirect_peer(vif->ifindex, 0);
}

/* To a guest of this host, if the policy at its port allows. */
STAGE to_vif(struct __sk_buff *skb, struct packet *p, __u32 id)
{
    if (!p)
        return TC_ACT_SHOT;

    struct vif_value *vif = bpf_map_lookup_elem(&vifs, &id);
    struct config *c = config();
    struct ethhdr eth;
    int bad;

    if (!vif || vif->kind != VIF_VIRTUAL)
        return drop(id, DROP_NO_VIF);
    if (id == p->vif)
        return drop(id, DROP_LOOP);
    if (p->from_fabric && c)
        clamp_mss(skb, p, c->fabric_ifindex, p->routed ? OUTER_MPLS_UDP - ETH_HLEN : OUTER_VXLAN);
    if (p->routed && !p->from_fabric && p->ttl <= 1)
        return refuse(skb, p, DROP_TTL_EXCEEDED, 0);
    if (!p->flooded || !is_group(p->eth.h_dest)) {
        p->key.vif = id;
        bad = judge(skb, p, vif, 0);
        if (bad)
            return drop(id, bad);
    }
    if (p->routed) {
        if (!p->from_fabric) {
            bad = l3_decrement(skb, p);
            if (bad)
                return drop(id, bad);
        }
        mac_copy(eth.h_dest, vif->mac);
        mac_copy(eth.h_source, GATEWAY_MAC);
        eth.h_proto =
            p->key.family == FAMILY_IPV4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
        if (bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0))
            return drop(id, DROP_REWRITE_FAILED);
    }
    count_tx(skb, id);
    return to_device(skb, p, vif);
}

/*
 * The kernel finds the neighbour and its MAC by the packet's protocol, which is still that of the
 * payload if the headers were put before it; a pass through the agent's device sets it to that of the outer
 * header.
 */
static __always_inline int to_underlay(struct __sk_buff *skb, const struct packet *p)
{
    struct config *c = config();

    if (!c)
        return drop(p->vif, DROP_INVALID_NEXT_HOP);
    if (!p->lifted && way_known(&p->way))
        return bpf_redirect(c->fabric_ifindex, 0);
    if (!p->lifted)
        return bpf_redirect_neigh(c->fabric_ifindex, NULL, 0, 0);
    skb->mark = MARK_ENCAPSULATED;
    return bpf_redirect(c->agent_ifindex, BPF_F_INGRESS);
}

static __noinline int to_tunnel(struct __sk_buff *skb, struct packet *p, struct next_hop_value *nh)
{
    struct config *c = config();
    __u32 room = room_for(nh, !p->routed) + branch_room(nh, !p->routed), mtu;
    int bad = DROP_NONE;

    if (p->from_fabric || nh->destination == nh->source)
        return drop(p->vif, DROP_LOOP);
    if (p->label < 0)
        return drop(p->vif, DROP_INVALID_LABEL);
    if (!c || !c->fabric_ifindex)
        return drop(p->vif, DROP_INVALID_NEXT_HOP);
    if (p->routed && p->ttl <= 1)
        return refuse(skb, p, DROP_TTL_EXCEEDED, 0);
    find_way(skb, p, nh->source, nh->destination);
    clamp_mss(skb, p, c->fabric_ifindex, room);
    mtu = too_big(skb, p, c->fabric_ifindex, room);
    if (mtu)
        return p->key.family ? refuse(skb, p, DROP_PACKET_TOO_BIG, mtu)
                             : drop(p->vif, DROP_PACKET_TOO_BIG);
    if (p->routed)
        bad = l3_decrement(skb, p);
    if (!bad)
        bad = encapsulate(skb, p, nh);
    if (bad)
        return drop(p->vif, bad);
    return to_underlay(skb, p);
}

struct flood {
    struct __sk_buff *skb;
    struct member_key at;
    __u32 vif;
    __u32 agent_ifindex;
    __u32 tunnels;    /* copies go there, too */
    __be32 from_host; /* but not back */
};

/* Copies come back on the agent's device, their member in the mark. */
static long flood_member(__u32 index, void *context)
{
    struct flood *f = context;
    struct member_key at = {
        .next_hop = f->at.next_hop, .version = f->at.version, .index = index};
    struct hop_value *hop = bpf_map_lookup_elem(&members, &at);
    struct next_hop_value *nh;

    if (!hop)
        return 0;
    nh = bpf_map_lookup_elem(&next_hops, &hop->next_hop);
    if (!nh)
        return 0;
    if (nh->type == NH_TUNNEL ? !f->tunnels || nh->destination == f->from_host
                              : nh->target == f->vif)
        return 0;
    f->skb->mark = at.next_hop << MARK_INDEX_BITS | index;
    bpf_clone_redirect(f->skb, f->agent_ifindex, BPF_F_INGRESS);
    return 0;
}

STAGE to_all(struct __sk_buff *skb, struct packet *p, struct next_hop_value *nh)
{
    if (!p || !nh)
        return TC_ACT_SHOT;

    struct config *c = config();
    struct flood f = {
        .skb = skb,
        .at = {.next_hop = p->next_hop, .version = nh->target},
        .vif = p->vif,
        .tunnels = !p->from_fabric,
    };

    if (!c || p->flooded)
        return drop(p->vif, DROP_INVALID_NEXT_HOP);
    f.agent_ifindex = c->agent_ifindex;
    if (nh->type == NH_TREE && p->from_fabric) {
        f.tunnels = skb->tc_index;
        f.from_host = skb->cb[FROM_TREE];
    }
    bpf_loop(nh->members, flood_member, &f, 0);
    return TC_ACT_SHOT;
}

struct choice {
    struct member_key at;
    __u32 members;
    __u32 hash;
    __u32 weight;          /* of `hop` for this flow */
    struct hop_value kept; /* which the flow had; next hop 0 for none */
    struct hop_value hop;  /* the best so far */
    __u8 is_silent;        /* its host */
    __u8 is_kept;          /* what the flow had is still there */
    __u8 pad[2];
};

static __always_inline int is_silent(__u32 id)
{
    struct next_hop_value *nh = bpf_map_lookup_elem(&next_hops, &id);

    return nh && nh->type == NH_TUNNEL && bpf_map_lookup_elem(&silent_hosts, &nh->destination);
}

/* How much a flow likes a way, whatever others there are. */
static __always_inline __u32 weight_of(__u32 hash, const struct hop_value *hop)
{
    __u32 h = hash ^ hop->next_hop * 0x9e3779b1 ^ (__u32)hop->label * 0x85ebca6b;

    h = (h ^ h >> 16) * 0x85ebca6b;
    h = (h ^ h >> 13) * 0xc2b2ae35;
    return h ^ h >> 16;
}

/* Takes what the flow had, else what it likes best; a silent host's only if there is no other. */
static long try_member(__u32 index, void *context)
{
    struct choice *c = context;
    struct member_key at = {
        .next_hop = c->at.next_hop, .version = c->at.version, .index = index};
    struct hop_value *hop = bpf_map_lookup_elem(&members, &at);
    __u32 weight;
    int kept, silent;

    if (!hop || !hop->next_hop)
        return 0;
    kept = hop->next_hop == c->kept.next_hop && hop->label == c->kept.label;
    weight = weight_of(c->hash, hop);
    c->is_kept |= kept;
    if (c->hop.next_hop && !kept && !c->is_silent && weight <= c->weight)
        return 0;
    silent = is_silent(hop->next_hop);
    if (c->hop.next_hop && (silent > c->is_silent ||
                            (silent == c->is_silent && weight <= c->weight && !kept)))
        return 0;
    c->hop = *hop;
    c->weight = weight;
    c->is_silent = silent;
    return kept && !silent;
}

/* What of a flow chooses among several. */
static __always_inline void choosing_key(struct flow_key *key, const struct flow_key *flow,
                                         __u8 fields)
{
    __builtin_memset(key, 0, sizeof(*key));
    if (fields & HASH_PROTOCOL)
        key->protocol = flow->protocol;
    if (fields & HASH_SOURCE)
        copy_address(key->source, flow->source);
    if (fields & HASH_SOURCE_PORT)
        key->source_port = flow->source_port;
    if (fields & HASH_DESTINATION)
        copy_address(key->destination, flow->destination);
    if (fields & HASH_DESTINATION_PORT)
        key->destination_port = flow->destination_port;
}

/*
 * Replaces a choice of several by the one this flow takes: the one that it has taken before, as long
 * as it is there. A flow that is new, or forgotten, takes the one of the highest weight (rendezvous
 * hashing), so that ways that come and go concern no others' flows.
 */
STAGE choose(struct packet *p, struct next_hop_value *nh)
{
    struct flow_key key;
    struct hop_value *kept;

    if (!p || !nh)
        return DROP_INVALID_NEXT_HOP;

    struct choice c = {
        .at = {.next_hop = p->next_hop, .version = nh->target},
        .members = nh->members,
    };

    choosing_key(&key, &p->key, nh->encapsulation);
    c.hash = flow_hash(&key);
    key.vif = p->next_hop;
    kept = bpf_map_lookup_elem(&ways_taken, &key);
    if (kept)
        c.kept = *kept;
    bpf_loop(c.members, try_member, &c, 0);
    if (!c.hop.next_hop)
        return DROP_INVALID_NEXT_HOP;
    if (!c.is_kept && !c.is_silent)
        bpf_map_update_elem(&ways_taken, &key, &c.hop, BPF_ANY);
    p->next_hop = c.hop.next_hop;
    p->label = c.hop.label;
    return DROP_NONE;
}

/*
 * To a socket of this host, through its own stack: as if it had come in on the agent's device.
 */
static __always_inline int to_host(struct __sk_buff *skb)
{
    struct config *c = config();

    if (!c)
        return TC_ACT_SHOT;
    skb->mark = MARK_TO_HOST;
    return bpf_redirect(c->agent_ifindex, BPF_F_INGRESS);
}

/* A packet that leaves by this host's address, into the underlay as it is. */
static __noinline int to_outside(struct __sk_buff *skb, struct packet *p)
{
    struct config *c = config();
    __u32 mtu;
    int bad;

    if (!c || !c->fabric_ifindex)
        return drop(p->vif, DROP_INVALID_NEXT_HOP);
    if (p->ttl <= 1)
        return refuse(skb, p, DROP_TTL_EXCEEDED, 0);
    mtu = too_big(skb, p, c->fabric_ifindex, 0);
    if (mtu)
        return refuse(skb, p, DROP_PACKET_TOO_BIG, mtu);
    bad = l3_decrement(skb, p);
    if (bad)
        return drop(p->vif, bad);
    return bpf_redirect_neigh(c->fabric_ifindex, NULL, 0, 0);
}

/* Sends the packet where `p->next_hop` says. */
STAGE output(struct __sk_buff *skb, struct packet *p)
{
    p = p ? this_packet() : NULL;
    if (!p)
        return TC_ACT_SHOT;

    struct next_hop_value *nh = bpf_map_lookup_elem(&next_hops, &p->next_hop);

    if (nh && nh->type == NH_ECMP) {
        if (choose(p, nh))
            return drop(p->vif, DROP_INVALID_NEXT_HOP);
        nh = bpf_map_lookup_elem(&next_hops, &p->next_hop);
    }
    if (!nh)
        return drop(p->vif, p->next_hop ? DROP_INVALID_NEXT_HOP : DROP_DISCARD);
    switch (nh->type) {
    case NH_DISCARD:
        return drop(p->vif, DROP_DISCARD);
    case NH_ENCAP_L3:
        if (!p->key.family)
            return drop(p->vif, DROP_UNSUPPORTED_PROTOCOL);
        p->routed = 1;
        return to_vif(skb, p, nh->target);
    case NH_ENCAP_L2:
        p->routed = 0;
        return to_vif(skb, p, nh->target);
    case NH_TUNNEL:
        return to_tunnel(skb, p, nh);
    case NH_RECEIVE:
        return trap(skb, p->vif, TRAP_RECEIVE);
    case NH_FLOOD:
    case NH_TREE:
        return to_all(skb, p, nh);
    default:
        return drop(p->vif, DROP_INVALID_NEXT_HOP);
    }
}
