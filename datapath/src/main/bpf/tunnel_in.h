/* Out of a tunnel: which packets are ours, what their label or VNI says, and the bare payload. */
#pragma once
#include <linux/errno.h>
#include "tunnel.h"

enum tunnel_result {
    NOT_A_TUNNEL, /* for the host's own stack */
    TUNNEL_OPEN,
    TUNNEL_BAD, /* see the reason */
    TUNNEL_ECHO, /* another host asks whether this one lives */
};

struct tunnel {
    __be32 source;
    __u32 payload;  /* where it starts */
    __u32 next_hop; /* where its label or VNI leads */
    __u32 reason;
};

#define OUTER_MOST 127 /* bytes before a payload, options of the outer header with them */

#define GRE_CHECKSUM 0x8000
#define GRE_KEY 0x2000
#define GRE_KNOWN (GRE_CHECKSUM | GRE_KEY)

static __always_inline int tunnel_bad(struct tunnel *t, __u32 reason)
{
    t->reason = reason;
    return TUNNEL_BAD;
}

static __always_inline int read_mpls(struct __sk_buff *skb, struct tunnel *t, __u32 at)
{
    __be32 entry;
    __u32 label, *next_hop;

    if (read_packet(skb, at, &entry))
        return tunnel_bad(t, DROP_INVALID_PACKET);
    label = bpf_ntohl(entry);
    if (!(label & 0xff))
        return tunnel_bad(t, DROP_TTL_EXCEEDED);
    if (!(label & MPLS_BOTTOM))
        return tunnel_bad(t, DROP_INVALID_LABEL);
    label >>= 12;
    next_hop = bpf_map_lookup_elem(&labels, &label);
    if (!next_hop)
        return tunnel_bad(t, DROP_INVALID_LABEL);
    t->next_hop = *next_hop;
    t->payload = at + sizeof(entry);
    return TUNNEL_OPEN;
}

static __always_inline int read_vxlan(struct __sk_buff *skb, struct tunnel *t, __u32 at)
{
    struct vxlan_header vxlan;
    __u32 vni, *next_hop;

    if (read_packet(skb, at, &vxlan))
        return tunnel_bad(t, DROP_INVALID_PACKET);
    if (!(vxlan.flags & bpf_htonl(VXLAN_VNI_VALID)))
        return tunnel_bad(t, DROP_INVALID_VNI);
    vni = bpf_ntohl(vxlan.vni) >> 8;
    next_hop = bpf_map_lookup_elem(&vnis, &vni);
    if (!next_hop)
        return tunnel_bad(t, DROP_INVALID_VNI);
    t->next_hop = *next_hop;
    t->payload = at + sizeof(vxlan);
    return TUNNEL_OPEN;
}

/* Where the tunnel's own header starts, by kind; 0 if the packet is no tunnel of ours. */
static __always_inline __u32 mpls_at(struct __sk_buff *skb, const struct iphdr *ip, __u32 at)
{
    struct gre_header gre;
    __u16 flags;

    if (ip->protocol != IPPROTO_GRE || read_packet(skb, at, &gre) ||
        gre.protocol != bpf_htons(ETH_P_MPLS_UNICAST))
        return 0;
    flags = bpf_ntohs(gre.flags);
    if (flags & ~GRE_KNOWN)
        return 0;
    return at + sizeof(gre) + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0);
}

static __always_inline int is_mpls_udp(__be16 port)
{
    return port == bpf_htons(PORT_MPLS_O_UDP) || port == bpf_htons(PORT_MPLS_O_UDP_LEGACY);
}

STAGE tunnel_read(struct __sk_buff *skb, struct tunnel *t)
{
    if (!t)
        return NOT_A_TUNNEL;

    struct config *c = config();
    struct udphdr udp = {};
    struct iphdr ip;
    __be16 type;
    __u32 at, mpls;

    if (!c || read_packet(skb, offsetof(struct ethhdr, h_proto), &type) ||
        type != bpf_htons(ETH_P_IP) || read_packet(skb, ETH_HLEN, &ip) ||
        ip.version != 4 || ip.ihl < 5 || ip.daddr != c->fabric_address ||
        (ip.frag_off & bpf_htons(IP_MORE_FRAGMENTS | IP_FRAGMENT_OFFSET)))
        return NOT_A_TUNNEL;
    at = ETH_HLEN + ip.ihl * 4;
    mpls = mpls_at(skb, &ip, at);
    if (!mpls) {
        if (ip.protocol != IPPROTO_UDP || read_packet(skb, at, &udp))
            return NOT_A_TUNNEL;
        at += sizeof(udp);
        if (udp.dest == bpf_htons(PORT_BFD_ECHO) && udp.source != udp.dest)
            return TUNNEL_ECHO;
        if (is_mpls_udp(udp.dest))
            mpls = at;
        else if (udp.dest != bpf_htons(PORT_VXLAN))
            return NOT_A_TUNNEL;
    }
    t->source = ip.saddr;
    if (!bpf_map_lookup_elem(&peers, &ip.saddr))
        return tunnel_bad(t, DROP_INVALID_TUNNEL_SOURCE);
    return mpls ? read_mpls(skb, t, mpls) : read_vxlan(skb, t, at);
}

/*
 * Where the frame of a copy in a tree starts. What the copy may still pass is kept, so that a tree
 * that is just being changed is no wheel.
 */
static __noinline __u32 branch_payload(struct __sk_buff *skb, const struct tunnel *t)
{
    __be32 words[2];

    skb->cb[FROM_TREE] = t->source;
    if (t->payload < sizeof(__be32) ||
        bpf_skb_load_bytes(skb, t->payload - sizeof(__be32), words, sizeof(words)) < 0)
        return t->payload;
    skb->tc_index = (bpf_ntohl(words[0]) & 0xff) - 1;
    return words[1] ? t->payload : t->payload + sizeof(struct branch_header);
}

/*
 * Kernels before 6.3 do not know that IPv6 may come out of IPv4: they have to be told that the packet
 * is IPv6 first, for which they want the difference of the headers.
 */
static __always_inline long shrink_room(struct __sk_buff *skb, __u32 shrink, __u64 flags)
{
    __s32 more = sizeof(struct ipv6hdr) - sizeof(struct iphdr);
    long error = bpf_skb_adjust_room(skb, -(__s32)shrink, BPF_ADJ_ROOM_MAC, flags);

    if (error != -EINVAL || !(flags & BPF_F_ADJ_ROOM_DECAP_L3_IPV6))
        return error;
    if (bpf_skb_change_proto(skb, bpf_htons(ETH_P_IPV6), 0))
        return -EINVAL;
    return bpf_skb_adjust_room(skb, -(__s32)shrink - more, BPF_ADJ_ROOM_MAC,
                               BPF_F_ADJ_ROOM_FIXED_GSO);
}

/*
 * Sends an echo back to who asked. No process has a part in it: a host lives as long as it forwards.
 * It has the size of what came, and sums stay as they are: what they sum up changes places.
 */
STAGE echo(struct __sk_buff *skb)
{
    struct ethhdr eth, back;
    struct iphdr ip;
    struct udphdr udp;
    __be32 addresses[2];
    __be16 ports[2];
    __u32 at;

    if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)) < 0 ||
        bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) < 0)
        return TC_ACT_SHOT;
    at = ETH_HLEN + ip.ihl * 4;
    if (bpf_skb_load_bytes(skb, at, &udp, sizeof(udp)) < 0)
        return TC_ACT_SHOT;
    mac_copy(back.h_dest, eth.h_source);
    mac_copy(back.h_source, eth.h_dest);
    back.h_proto = eth.h_proto;
    addresses[0] = ip.daddr;
    addresses[1] = ip.saddr;
    ports[0] = udp.dest;
    ports[1] = udp.source;
    if (bpf_skb_store_bytes(skb, 0, &back, sizeof(back), 0) ||
        bpf_skb_store_bytes(skb, ETH_HLEN + offsetof(struct iphdr, saddr), addresses,
                            sizeof(addresses), 0) ||
        bpf_skb_store_bytes(skb, at, ports, sizeof(ports), 0))
        return TC_ACT_SHOT;
    return bpf_redirect(skb->ifindex, 0);
}

/*
 * Takes the outer headers off; what is left has an Ethernet header, the payload's own (`l2`) or one
 * with the right type, which `bare` leaves to be written.
 */
STAGE decapsulate(struct __sk_buff *skb, struct packet *p, __u32 payload, int l2, int bare)
{
    if (!p)
        return DROP_INVALID_PACKET;

    struct ethhdr eth = {};
    __u32 shrink = payload - ETH_HLEN;
    __u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
    __u8 version;

    if (l2) {
        if (bpf_skb_load_bytes(skb, payload, &eth, sizeof(eth)) < 0)
            return DROP_INVALID_PACKET;
        shrink = payload;
    } else {
        if (payload > OUTER_MOST || read_packet(skb, payload, &version))
            return DROP_INVALID_PACKET;
        version >>= 4;
        if (version != 4 && version != 6)
            return DROP_INVALID_PACKET;
        eth.h_proto = version == 4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
    }
    if (skb->len < shrink + ETH_HLEN + sizeof(struct iphdr))
        return DROP_INVALID_PACKET;
    if (eth.h_proto == bpf_htons(ETH_P_IPV6)) {
        if (skb->len < shrink + ETH_HLEN + sizeof(struct ipv6hdr))
            return DROP_INVALID_PACKET;
        flags |= BPF_F_ADJ_ROOM_DECAP_L3_IPV6;
    }
    if (shrink_room(skb, shrink, flags) ||
        (!bare && bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0)))
        return DROP_REWRITE_FAILED;
    p->eth = eth;
    return DROP_NONE;
}
