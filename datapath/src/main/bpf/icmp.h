/* Errors to the guest whose packet does not go on: ICMP (RFC 792, RFC 1191) and ICMPv6 (RFC 4443). */
#pragma once
#include "device.h"
#include "translate.h"
#include "trap.h"

#define ICMP_FRAGMENTATION_NEEDED 4
#define QUOTED_PAYLOAD 20 /* up to the checksum that the guest's device may have left to others */
#define ERROR_ROOM (sizeof(struct ipv6hdr) + sizeof(struct icmp_header))
#define QUOTE_MOST 128
#define ERROR_TTL 64

struct error_frame {
    __u8 pad[2]; /* brings what follows the Ethernet header to a word */
    struct ethhdr eth;
    union {
        struct {
            struct iphdr ip;
            struct icmp_header icmp;
        } v4;
        struct {
            struct ipv6hdr ip;
            struct icmp_header icmp;
        } v6;
    };
};
ABI_AT(struct error_frame, v4, 16);

struct error_scratch {
    struct error_frame frame;
    __u8 quote[QUOTE_MOST];
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct error_scratch);
} errors SEC(".maps");

/* fe80::200:5eff:fe00:100, of the gateway's MAC */
static __always_inline void gateway_link_local(__be32 *address)
{
    address[0] = bpf_htonl(0xfe800000);
    address[1] = 0;
    address[2] = bpf_htonl(0x02005eff);
    address[3] = bpf_htonl(0xfe000100);
}

/* Nobody is told about errors, later fragments, or what no single host has sent. */
static __always_inline int may_be_told(const struct packet *p)
{
    const __be32 *to = p->key.destination, *from = p->key.source;

    if (!p->vif || p->flooded || p->related || p->fragment == FRAGMENT_LATER ||
        is_group(p->eth.h_dest) || is_group(p->eth.h_source))
        return 0;
    if (p->key.family == FAMILY_IPV4)
        return from[0] && (bpf_ntohl(to[0]) >> 28) < 0xe &&
               !(p->key.protocol == IPPROTO_ICMP && is_icmp_error(p->icmp_type));
    return (from[0] | from[1] | from[2] | from[3]) && (bpf_ntohl(to[0]) >> 24) != 0xff &&
           !(p->key.protocol == IPPROTO_ICMPV6 && is_icmpv6_error(p->icmp_type));
}

static __always_inline __u16 fold(__u32 sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

static __always_inline void error_of_ipv4(struct error_scratch *s, const struct packet *p,
                                          const struct vif_value *vif, __u32 quoted, __u32 mtu)
{
    struct icmp_header *icmp = &s->frame.v4.icmp;
    struct iphdr *ip = &s->frame.v4.ip;

    ip->version = 4;
    ip->ihl = 5;
    ip->ttl = ERROR_TTL;
    ip->protocol = IPPROTO_ICMP;
    ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(*icmp) + quoted);
    ip->saddr = vif->gateway[0];
    ip->daddr = p->translated || p->outward ? p->own_source[0] : p->key.source[0];
    ip->check = ip_checksum(ip);
    icmp->type = mtu ? ICMP_DEST_UNREACH : ICMP_TIME_EXCEEDED;
    icmp->code = mtu ? ICMP_FRAGMENTATION_NEEDED : 0;
    icmp->echo_sequence = bpf_htons(mtu);
    icmp->checksum = fold(bpf_csum_diff(NULL, 0, (__be32 *)icmp, sizeof(*icmp),
                                        bpf_csum_diff(NULL, 0, (__be32 *)s->quote, QUOTE_MOST, 0)));
}

static __always_inline void error_of_ipv6(struct error_scratch *s, const struct packet *p,
                                          const struct vif_value *vif, __u32 quoted, __u32 mtu)
{
    struct icmp_header *icmp = &s->frame.v6.icmp;
    struct ipv6hdr *ip = &s->frame.v6.ip;
    __be32 pseudo[2] = {bpf_htonl(sizeof(*icmp) + quoted), bpf_htonl(IPPROTO_ICMPV6)};
    __be32 mtu_word = bpf_htonl(mtu);
    __u32 sum;

    ip->version = 6;
    ip->hop_limit = ERROR_TTL;
    ip->nexthdr = IPPROTO_ICMPV6;
    ip->payload_len = bpf_htons(sizeof(*icmp) + quoted);
    if (vif->gateways & 1 << FAMILY_IPV6)
        copy_address((__be32 *)&ip->saddr, vif->gateway6);
    else
        gateway_link_local((__be32 *)&ip->saddr);
    if (p->translated)
        copy_address((__be32 *)&ip->daddr, p->own_source);
    else
        copy_address((__be32 *)&ip->daddr, p->key.source);
    icmp->type = mtu ? ICMPV6_PKT_TOOBIG : ICMPV6_TIME_EXCEED;
    __builtin_memcpy(&icmp->echo_id, &mtu_word, sizeof(mtu_word));
    sum = bpf_csum_diff(NULL, 0, (__be32 *)s->quote, QUOTE_MOST, 0);
    sum = bpf_csum_diff(NULL, 0, (__be32 *)icmp, sizeof(*icmp), sum);
    sum = bpf_csum_diff(NULL, 0, (__be32 *)&ip->saddr, 32, sum);
    icmp->checksum = fold(bpf_csum_diff(NULL, 0, pseudo, sizeof(pseudo), sum));
}

/* The packet as the guest has sent it, for it to know again. */
static __always_inline int untranslate(struct __sk_buff *skb, const struct packet *p)
{
    int v4 = p->key.family == FAMILY_IPV4;
    __u32 at = ETH_HLEN + address_in(p->key.family, 1);
    __be32 before[4], after[4];
    __be16 port = bpf_htons(p->own_port);

    copy_address(before, p->key.source);
    copy_address(after, p->own_source);
    if (v4 && bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), before[0],
                                  after[0], 4))
        return -1;
    if (has_port_checksum(p->key.protocol) && p->own_port != p->key.source_port &&
        bpf_skb_store_bytes(skb, p->payload, &port, sizeof(port), 0))
        return -1;
    if (p->outward && p->key.protocol == IPPROTO_ICMP && p->own_port != p->key.source_port &&
        bpf_skb_store_bytes(skb, p->payload + offsetof(struct icmp_header, echo_id), &port,
                            sizeof(port), 0))
        return -1;
    return v4 ? bpf_skb_store_bytes(skb, at, after, 4, 0)
              : bpf_skb_store_bytes(skb, at, after, 16, 0);
}

/*
 * Drops the packet under `reason` and turns it into the error that tells its sender why: that its
 * time is over, or, with an `mtu`, that it is too big.
 */
STAGE refuse(struct __sk_buff *skb, struct packet *p, __u32 reason, __u32 mtu)
{
    __u32 zero = 0, quoted, room, verdict, id;
    struct error_scratch *s = bpf_map_lookup_elem(&errors, &zero);
    struct vif_value *vif;
    int v4;

    if (!p || !s)
        return TC_ACT_SHOT;
    verdict = drop(p->vif, reason);
    v4 = p->key.family == FAMILY_IPV4;
    id = p->vif;
    vif = bpf_map_lookup_elem(&vifs, &id);
    if (!vif || !may_be_told(p) || (v4 && !(vif->gateways & 1 << FAMILY_IPV4)) ||
        !trap_allowed(p->vif))
        return verdict;
    if ((p->translated || p->outward) && untranslate(skb, p))
        return verdict;
    quoted = p->payload - ETH_HLEN + QUOTED_PAYLOAD;
    if (quoted > skb->len - ETH_HLEN)
        quoted = skb->len - ETH_HLEN;
    __builtin_memset(s, 0, sizeof(*s));
    quoted = ((quoted - 1) & (QUOTE_MOST - 1)) + 1; /* bounds that every verifier sees */
    if (bpf_skb_load_bytes(skb, ETH_HLEN, s->quote, quoted) < 0)
        return verdict;
    mac_copy(s->frame.eth.h_dest, p->eth.h_source);
    mac_copy(s->frame.eth.h_source, GATEWAY_MAC);
    s->frame.eth.h_proto = p->eth.h_proto;
    if (v4)
        error_of_ipv4(s, p, vif, quoted, mtu);
    else
        error_of_ipv6(s, p, vif, quoted, mtu);
    room = sizeof(struct icmp_header) + (v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
    if (bpf_skb_change_tail(skb, ETH_HLEN + quoted, 0) || bpf_skb_change_head(skb, room, 0) ||
        (v4 ? bpf_skb_store_bytes(skb, 0, &s->frame.eth, ETH_HLEN + 28, 0)
            : bpf_skb_store_bytes(skb, 0, &s->frame.eth, ETH_HLEN + 48, 0)))
        return verdict;
    count_tx(skb, p->vif);
    return leave(skb, vif);
}
