/* Neighbour discovery from guests (RFC 4861): answered by the route of the address asked for. */
#pragma once
#include "arp.h"
#include "flow.h"
#include "icmp.h"

#define ND_ROUTER_SOLICITATION 133
#define ND_ROUTER_ADVERTISEMENT 134
#define ND_SOLICITATION 135
#define ND_ADVERTISEMENT 136
#define ND_REDIRECT 137
#define ND_ON_LINK 255 /* the hop limit that no router has lowered */
#define ND_TARGET_LINK_LAYER 2
#define ND_ROUTER 0x80
#define ND_SOLICITED 0x40
#define ND_OVERRIDE 0x20

struct nd_message {
    __u8 type;
    __u8 code;
    __be16 checksum;
    __u8 flags;
    __u8 reserved[3];
    __be32 target[4];
};
ABI_SIZE(struct nd_message, 24);

struct nd_answer {
    struct ipv6hdr ip;
    struct nd_message message;
    __u8 option;
    __u8 option_length; /* in units of 8 bytes */
    __u8 mac[ETH_ALEN];
};
ABI_SIZE(struct nd_answer, 72);

enum nd_result {
    ND_GO_ON, /* as any packet */
    ND_ANSWERED, /* the frame is the answer now */
    ND_TRAP,
    ND_REFUSED, /* see the reason */
    ND_CLAIM,   /* as any packet, and shown to the agent */
};

static __always_inline int is_unspecified(const __be32 *a)
{
    return (a[0] | a[1] | a[2] | a[3]) == 0;
}

/* To the asker; to all if it only wants to know whether somebody has the address. */
static __always_inline int nd_write(struct __sk_buff *skb, const struct packet *p,
                                    const struct nd_message *asked, const __u8 *mac)
{
    struct nd_answer a = {};
    struct ethhdr eth = {.h_proto = bpf_htons(ETH_P_IPV6)};
    __u16 length = sizeof(a) - sizeof(a.ip);
    __be32 pseudo[2] = {bpf_htonl(length), bpf_htonl(IPPROTO_ICMPV6)};
    int anonymous = is_unspecified(p->key.source);
    __u32 sum;

    a.ip.version = 6;
    a.ip.payload_len = bpf_htons(length);
    a.ip.nexthdr = IPPROTO_ICMPV6;
    a.ip.hop_limit = ND_ON_LINK;
    copy_address((__be32 *)&a.ip.saddr, asked->target);
    copy_address((__be32 *)&a.ip.daddr, p->key.source);
    mac_copy(eth.h_dest, p->eth.h_source);
    if (anonymous) {
        a.ip.daddr.in6_u.u6_addr32[0] = bpf_htonl(0xff020000);
        a.ip.daddr.in6_u.u6_addr32[3] = bpf_htonl(1);
    }
    mac_copy(eth.h_source, mac);
    a.message.type = ND_ADVERTISEMENT;
    a.message.flags = ND_OVERRIDE | (anonymous ? 0 : ND_SOLICITED) |
                      (mac_equals(mac, GATEWAY_MAC) ? ND_ROUTER : 0);
    copy_address(a.message.target, asked->target);
    a.option = ND_TARGET_LINK_LAYER;
    a.option_length = 1;
    mac_copy(a.mac, mac);
    sum = bpf_csum_diff(NULL, 0, (__be32 *)&a.ip.saddr, 32, 0);
    sum = bpf_csum_diff(NULL, 0, pseudo, sizeof(pseudo), sum);
    a.message.checksum =
        fold(bpf_csum_diff(NULL, 0, (__be32 *)&a.message, sizeof(a) - sizeof(a.ip), sum));
    if (bpf_skb_change_tail(skb, ETH_HLEN + sizeof(a), 0) ||
        bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0) ||
        bpf_skb_store_bytes(skb, ETH_HLEN, &a, sizeof(a), 0))
        return -1;
    return 0;
}

/* Who asks for an address of its own (to see that no other has it) is for the others to hear. */
static __noinline int nd_solicitation(struct __sk_buff *skb, struct packet *p,
                                      struct nd_message *asked, __u32 *reason)
{
    struct route_value *r = route(p->vrf, FAMILY_IPV6, asked->target);
    __u8 mac[ETH_ALEN];

    if (!r || r->arp == ARP_FLOOD ||
        (is_unspecified(p->key.source) && source_known(p->vif, FAMILY_IPV6, asked->target)))
        return ND_GO_ON;
    *reason = DROP_ARP_NOT_ANSWERED;
    if (r->arp == ARP_DROP)
        return ND_REFUSED;
    if (r->arp == ARP_STITCHED && r->has_mac)
        mac_copy(mac, r->mac);
    else
        mac_copy(mac, GATEWAY_MAC);
    if (mac_equals(mac, p->eth.h_source))
        return ND_GO_ON;
    *reason = DROP_REWRITE_FAILED;
    return nd_write(skb, p, asked, mac) ? ND_REFUSED : ND_ANSWERED;
}

/*
 * A guest speaks for its own addresses only, and is no router. Nothing stands between IPv6's header
 * and this protocol: what does hides it from others (RFC 6980, RFC 7113).
 */
STAGE nd_from_guest(struct __sk_buff *skb, struct packet *p, const struct vif_value *vif,
                    __u32 *reason)
{
    struct nd_message m = {};

    if (!p || !vif || !reason)
        return ND_REFUSED;
    *reason = DROP_INVALID_PACKET;
    if (p->ttl != ND_ON_LINK || p->payload != ETH_HLEN + sizeof(struct ipv6hdr))
        return ND_REFUSED;
    if (p->icmp_type == ND_ROUTER_SOLICITATION)
        return vif->flags & VIF_ROUTED ? ND_TRAP : ND_GO_ON;
    if (p->icmp_type == ND_ROUTER_ADVERTISEMENT || p->icmp_type == ND_REDIRECT) {
        *reason = DROP_INVALID_SOURCE;
        return vif->flags & VIF_POLICY ? ND_REFUSED : ND_GO_ON;
    }
    if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct ipv6hdr), &m, sizeof(m)) < 0 || m.code)
        return ND_REFUSED;
    if (m.type == ND_SOLICITATION)
        return nd_solicitation(skb, p, &m, reason);
    *reason = DROP_INVALID_SOURCE;
    if ((vif->flags & VIF_POLICY) && (bpf_ntohl(m.target[0]) >> 22) != 0xfe800000u >> 22 &&
        !source_known(p->vif, FAMILY_IPV6, m.target))
        return ND_REFUSED;
    return is_group(p->eth.h_dest) && source_shared(p->vif, FAMILY_IPV6, m.target) ? ND_CLAIM
                                                                                  : ND_GO_ON;
}
