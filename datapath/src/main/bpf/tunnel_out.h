/* Into a tunnel. */
#pragma once
#include "mss.h"
#include "tunnel.h"

/* Bytes that a tunnel adds to what is after the Ethernet header. */
static __always_inline __u32 room_for(const struct next_hop_value *nh, int l2)
{
    __u32 payload = l2 ? ETH_HLEN : 0;

    switch (nh->encapsulation) {
    case ENCAP_MPLS_O_GRE:
        return OUTER_MPLS_GRE - ETH_HLEN + payload;
    case ENCAP_MPLS_O_UDP:
        return OUTER_MPLS_UDP - ETH_HLEN + payload;
    default:
        return OUTER_VXLAN;
    }
}

/* Bytes more for a branch of a tree. */
static __always_inline __u32 branch_room(const struct next_hop_value *nh, int l2)
{
    return l2 && nh->target ? sizeof(struct branch_header) : 0;
}

/* Bytes of IP and transport header that each segment of a super-packet has. */
static __always_inline __u32 segment_headers(struct __sk_buff *skb, const struct packet *p)
{
    __u32 headers = p->payload - ETH_HLEN;
    __u8 words;

    if (p->key.protocol != IPPROTO_TCP)
        return headers + sizeof(struct udphdr);
    if (read_packet(skb, p->payload + TCP_DATA_OFFSET, &words))
        return headers;
    return headers + (words >> 4) * 4;
}

/*
 * 0 if the packet, or each segment of a super-packet, fits the underlay with `room` more, else how
 * much of it would.
 */
static __always_inline __u32 too_big(struct __sk_buff *skb, const struct packet *p, __u32 ifindex,
                                     __u32 room)
{
    __u32 size = skb->gso_size ? skb->gso_size + segment_headers(skb, p) : skb->len - ETH_HLEN;
    __u32 mtu = 0;

    if (size + room <= p->fits)
        return 0;
    bpf_check_mtu(skb, ifindex, &mtu, 0, 0);
    return size + room <= mtu ? 0 : mtu > room ? mtu - room : 1;
}

/*
 * Makes `room` bytes after the Ethernet header, or before it where the kernel cannot: in frames other
 * than IP, and in copies that have come by a tunnel, which it may still take for tunnelled. `inner_mac` is how much of the room it shall take for the payload's link header.
 */
static __always_inline long make_room(struct __sk_buff *skb, struct packet *p, __u32 room,
                                      __u64 inner_mac, __u64 flags)
{
    long error;

    p->lifted = !p->key.family;
    if (!p->lifted) {
        error = bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC,
                                    BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_FIXED_GSO |
                                        BPF_F_ADJ_ROOM_ENCAP_L2(inner_mac) | flags);
        if (!error || !p->flooded)
            return error;
        p->lifted = 1;
    }
    return bpf_skb_change_head(skb, room, 0);
}

static __always_inline void write_ip(struct outer *o, const struct packet *p,
                                     const struct next_hop_value *nh, __u32 length, __u8 protocol)
{
    mac_copy(o->eth.h_dest, p->way.to);
    mac_copy(o->eth.h_source, p->way.from);
    o->eth.h_proto = bpf_htons(ETH_P_IP);
    o->ip.version = 4;
    o->ip.ihl = 5;
    o->ip.ttl = TUNNEL_TTL;
    o->ip.frag_off = bpf_htons(0x4000);
    o->ip.protocol = protocol;
    o->ip.saddr = nh->source;
    o->ip.daddr = nh->destination;
    o->ip.tot_len = bpf_htons(length - ETH_HLEN);
    o->ip.check = ip_checksum(&o->ip);
}

static __always_inline void write_udp(struct udphdr *udp, const struct packet *p, __u32 length,
                                      __u16 port)
{
    udp->source = bpf_htons(UDP_FIRST_ENTROPY_PORT + (flow_hash(&p->key) & UDP_ENTROPY_PORTS));
    udp->dest = bpf_htons(port);
    udp->len = bpf_htons(length - ETH_HLEN - sizeof(struct iphdr));
    udp->check = 0;
}

static __always_inline __be32 mpls_entry(__s32 label)
{
    return bpf_htonl((__u32)label << 12 | MPLS_BOTTOM | TUNNEL_TTL);
}

/* What stands between the label at `at - 4` and the frame of a branch; it lives as long as the copy. */
static __noinline int put_branch(struct __sk_buff *skb, __u32 target, __u32 at)
{
    struct branch_header header = {
        .vxlan.flags = bpf_htonl(VXLAN_VNI_VALID),
        .vxlan.vni = bpf_htonl((target & BRANCH_VNI) << 8),
    };
    __u8 ttl = skb->tc_index;

    if (ttl && bpf_skb_store_bytes(skb, at - 1, &ttl, 1, 0))
        return -1;
    return bpf_skb_store_bytes(skb, at, &header, sizeof(header), 0);
}

/* After the outer headers of `outer` bytes; the frame's own header last. */
static __always_inline int put_frame(struct __sk_buff *skb, const struct packet *p,
                                     const struct next_hop_value *nh, __u32 outer)
{
    if (nh->target) {
        if (put_branch(skb, nh->target, outer))
            return DROP_REWRITE_FAILED;
        outer += sizeof(struct branch_header);
    }
    return bpf_skb_store_bytes(skb, outer, &p->eth, ETH_HLEN, 0) ? DROP_REWRITE_FAILED : DROP_NONE;
}

static __always_inline int put_mpls_udp(struct __sk_buff *skb, struct packet *p,
                                        const struct next_hop_value *nh, struct outer *o, int l2)
{
    __u32 branch = branch_room(nh, l2), room = room_for(nh, l2) + branch;

    if (make_room(skb, p, room, l2 ? 4 + branch + ETH_HLEN : 4, BPF_F_ADJ_ROOM_ENCAP_L4_UDP))
        return DROP_REWRITE_FAILED;
    write_ip(o, p, nh, skb->len, IPPROTO_UDP);
    write_udp(&o->mpls_udp.udp, p, skb->len, PORT_MPLS_O_UDP);
    o->mpls_udp.mpls = mpls_entry(p->label);
    if (bpf_skb_store_bytes(skb, 0, &o->eth, OUTER_MPLS_UDP, 0))
        return DROP_REWRITE_FAILED;
    return l2 ? put_frame(skb, p, nh, OUTER_MPLS_UDP) : DROP_NONE;
}

static __always_inline int put_mpls_gre(struct __sk_buff *skb, struct packet *p,
                                        const struct next_hop_value *nh, struct outer *o, int l2)
{
    __u32 branch = branch_room(nh, l2), room = room_for(nh, l2) + branch;

    if (make_room(skb, p, room, l2 ? 4 + branch + ETH_HLEN : 4, BPF_F_ADJ_ROOM_ENCAP_L4_GRE))
        return DROP_REWRITE_FAILED;
    write_ip(o, p, nh, skb->len, IPPROTO_GRE);
    o->mpls_gre.gre.protocol = bpf_htons(ETH_P_MPLS_UNICAST);
    o->mpls_gre.mpls = mpls_entry(p->label);
    if (bpf_skb_store_bytes(skb, 0, &o->eth, OUTER_MPLS_GRE, 0))
        return DROP_REWRITE_FAILED;
    return l2 ? put_frame(skb, p, nh, OUTER_MPLS_GRE) : DROP_NONE;
}

/* Whom a routed packet is for: the router's own MAC, or that of every gateway. */
static __always_inline void to_router(struct packet *p, const struct next_hop_value *nh)
{
    static const __u8 NONE[ETH_ALEN] = {};
    struct config *c = config();

    mac_copy(p->eth.h_dest, mac_equals(nh->router_mac, NONE) ? GATEWAY_MAC : nh->router_mac);
    if (c)
        mac_copy(p->eth.h_source, c->router_mac);
}

/* VXLAN carries frames only: a routed packet goes from router to router (RFC 9135). */
static __always_inline int put_vxlan(struct __sk_buff *skb, struct packet *p,
                                     const struct next_hop_value *nh, struct outer *o)
{
    if (make_room(skb, p, OUTER_VXLAN, ETH_HLEN,
                  BPF_F_ADJ_ROOM_ENCAP_L4_UDP | BPF_F_ADJ_ROOM_ENCAP_L2_ETH))
        return DROP_REWRITE_FAILED;
    if (p->routed)
        to_router(p, nh);
    write_ip(o, p, nh, skb->len, IPPROTO_UDP);
    write_udp(&o->vxlan.udp, p, skb->len, PORT_VXLAN);
    o->vxlan.vxlan.flags = bpf_htonl(VXLAN_VNI_VALID);
    o->vxlan.vxlan.vni = bpf_htonl((__u32)p->label << 8);
    if (bpf_skb_store_bytes(skb, 0, &o->eth, OUTER_VXLAN, 0) ||
        bpf_skb_store_bytes(skb, OUTER_VXLAN, &p->eth, ETH_HLEN, 0))
        return DROP_REWRITE_FAILED;
    return DROP_NONE;
}

/* Writes the outer headers; MACs that are not known yet come from the kernel's neighbours later. */
STAGE encapsulate(struct __sk_buff *skb, struct packet *p, const struct next_hop_value *nh)
{
    if (!p || !nh)
        return DROP_INVALID_NEXT_HOP;

    struct outer o = {};
    int l2 = !p->routed;

    switch (nh->encapsulation) {
    case ENCAP_MPLS_O_UDP:
        return put_mpls_udp(skb, p, nh, &o, l2);
    case ENCAP_MPLS_O_GRE:
        return put_mpls_gre(skb, p, nh, &o, l2);
    case ENCAP_VXLAN:
        return put_vxlan(skb, p, nh, &o);
    default:
        return DROP_INVALID_NEXT_HOP;
    }
}
