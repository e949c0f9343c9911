/* Address translation in the packet, and in what an ICMP error quotes. */
#pragma once
#include "nat.h"

#define TCP_CHECKSUM 16
#define UDP_CHECKSUM 6

static __always_inline __u16 checksum_add(__u16 checksum, __u32 difference)
{
    __u32 sum = (__u16)~checksum + (difference & 0xffff) + (difference >> 16);

    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

static __always_inline __s64 port_difference(__be16 before, __be16 after)
{
    __be32 from = before, to = after;

    return bpf_csum_diff(&from, sizeof(from), &to, sizeof(to), 0);
}

/* The port of the quoted packet, and its checksum if so much of it is quoted. */
static __always_inline int translate_quoted_port(struct __sk_buff *skb, const struct packet *p,
                                                 __u32 at, __be16 after, __be32 addresses, int source)
{
    __u32 icmp = p->payload + offsetof(struct icmp_header, checksum);
    __u32 port_at = at + (source ? 2 : 0);
    __u32 check_at = at + (p->quoted.protocol == IPPROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
    __be16 before;
    __u16 check, fresh;
    __u32 ports;

    if (bpf_skb_load_bytes(skb, port_at, &before, sizeof(before)) < 0)
        return DROP_INVALID_PACKET;
    ports = port_difference(before, after);
    if (bpf_skb_load_bytes(skb, check_at, &check, sizeof(check)) == 0 &&
        (check || p->quoted.protocol == IPPROTO_TCP)) {
        fresh = checksum_add(checksum_add(check, addresses), ports);
        if (bpf_l4_csum_replace(skb, icmp, check, fresh, 2) ||
            bpf_skb_store_bytes(skb, check_at, &fresh, sizeof(fresh), 0))
            return DROP_REWRITE_FAILED;
    }
    if (bpf_l4_csum_replace(skb, icmp, before, after, 2) ||
        bpf_skb_store_bytes(skb, port_at, &after, sizeof(after), 0))
        return DROP_REWRITE_FAILED;
    return DROP_NONE;
}

/* The number of a quoted echo. Its own checksum makes up for it in that of the error. */
static __always_inline int translate_quoted_echo(struct __sk_buff *skb, __u32 at, __be16 after)
{
    struct icmp_header echo;

    if (bpf_skb_load_bytes(skb, at, &echo, sizeof(echo)) < 0)
        return DROP_INVALID_PACKET;
    if (!is_icmp_echo(IPPROTO_ICMP, echo.type))
        return DROP_NONE;
    echo.checksum = checksum_add(echo.checksum, port_difference(echo.echo_id, after));
    echo.echo_id = after;
    return bpf_skb_store_bytes(skb, at, &echo, sizeof(echo), 0) ? DROP_REWRITE_FAILED : DROP_NONE;
}

static __always_inline __u32 address_in(__u8 family, int source)
{
    if (family == FAMILY_IPV4)
        return source ? offsetof(struct iphdr, saddr) : offsetof(struct iphdr, daddr);
    return source ? offsetof(struct ipv6hdr, saddr) : offsetof(struct ipv6hdr, daddr);
}

static __always_inline int has_port_checksum(__u8 protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/* An address that changes, of the packet and of what it quotes; the stack has no room for them. */
struct translation {
    __be32 before[4];
    __be32 after[4];
};

enum translation_index {
    TRANSLATION_OWN,
    TRANSLATION_QUOTED,
    TRANSLATIONS,
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, TRANSLATIONS);
    __type(key, __u32);
    __type(value, struct translation);
} translations SEC(".maps");

static __always_inline struct translation *translation(__u32 index)
{
    return bpf_map_lookup_elem(&translations, &index);
}

/*
 * An ICMP error quotes a packet of the other direction: what is the source outside is the
 * destination in the quotation. In IPv4 the quoted header's checksum makes up for the address; in
 * IPv6 the error's own changes by it, inside and by the pseudo header.
 */
STAGE translate_quoted(struct __sk_buff *skb, struct packet *p, const struct flow_value *flow,
                       __u32 outer)
{
    struct translation *t = translation(TRANSLATION_QUOTED);

    if (!p || !flow || !t)
        return DROP_FLOW_INVALID;

    int source = flow->flags & FLOW_NAT_SOURCE, v4 = p->key.family == FAMILY_IPV4;
    __u32 icmp = p->payload + offsetof(struct icmp_header, checksum);
    __u32 at = p->payload + sizeof(struct icmp_header), header = sizeof(struct ipv6hdr), inner;
    __u32 address_at = at + address_in(p->key.family, !source);
    __u8 first, next;
    int bad = DROP_NONE;

    __builtin_memset(t, 0, sizeof(*t));
    copy_address(t->after, flow->nat_address);
    if (v4)
        t->after[1] = 0;
    if (bpf_skb_load_bytes(skb, at, &first, 1) < 0 ||
        (v4 ? bpf_skb_load_bytes(skb, address_at, t->before, 4)
            : bpf_skb_load_bytes(skb, address_at, t->before, 16)) < 0)
        return DROP_INVALID_PACKET;
    inner = bpf_csum_diff(t->before, sizeof(t->before), t->after, sizeof(t->after), 0);
    if (v4) {
        header = (first & 0xf) * 4;
        if (bpf_l3_csum_replace(skb, at + offsetof(struct iphdr, check), 0, inner, 0) ||
            bpf_skb_store_bytes(skb, address_at, t->after, 4, 0))
            return DROP_REWRITE_FAILED;
    } else {
        if (bpf_skb_load_bytes(skb, at + offsetof(struct ipv6hdr, nexthdr), &next, 1) < 0 ||
            bpf_l4_csum_replace(skb, icmp, 0, outer, BPF_F_PSEUDO_HDR) ||
            bpf_l4_csum_replace(skb, icmp, 0, inner, 0) ||
            bpf_skb_store_bytes(skb, address_at, t->after, 16, 0))
            return DROP_REWRITE_FAILED;
        if (next == IPPROTO_FRAGMENT)
            header += sizeof(struct fragment_header);
    }
    if (has_port_checksum(p->quoted.protocol))
        bad = translate_quoted_port(skb, p, at + header, bpf_htons(flow->nat_port), inner, source);
    else if (v4 && p->quoted.protocol == IPPROTO_ICMP)
        bad = translate_quoted_echo(skb, at + header, bpf_htons(flow->nat_port));
    if (source) {
        copy_address(p->quoted.source, t->after);
        p->quoted.source_port = flow->nat_port;
    } else {
        copy_address(p->quoted.destination, t->after);
        p->quoted.destination_port = flow->nat_port;
    }
    return bad;
}

/* Where the checksum is that covers the addresses, from the start of the payload; 0 for none. */
static __always_inline __u32 checksum_at(const struct packet *p)
{
    switch (p->key.protocol) {
    case IPPROTO_TCP:
        return TCP_CHECKSUM;
    case IPPROTO_UDP:
        return UDP_CHECKSUM;
    case IPPROTO_ICMPV6:
        return offsetof(struct icmp_header, checksum);
    default:
        return 0;
    }
}

static __always_inline int translate_transport(struct __sk_buff *skb, struct packet *p,
                                               __u32 difference, __u16 before, __u16 port,
                                               int source)
{
    __u64 flags = p->key.protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
    __u32 at = checksum_at(p), port_at = p->payload + (source ? 0 : 2);
    __be16 from = bpf_htons(before), to = bpf_htons(port);

    if (!at || p->fragment == FRAGMENT_LATER)
        return DROP_NONE;
    if (bpf_l4_csum_replace(skb, p->payload + at, 0, difference, flags | BPF_F_PSEUDO_HDR))
        return DROP_REWRITE_FAILED;
    if (before == port || p->key.protocol == IPPROTO_ICMPV6)
        return DROP_NONE;
    if (bpf_l4_csum_replace(skb, p->payload + at, from, to, flags | 2) ||
        bpf_skb_store_bytes(skb, port_at, &to, sizeof(to), 0))
        return DROP_REWRITE_FAILED;
    return DROP_NONE;
}

/* Both addresses and the service's port. */
static __always_inline int translate_service(struct __sk_buff *skb, struct packet *p,
                                             const struct flow_value *flow,
                                             struct translation *t)
{
    int from_guest = flow->flags & FLOW_FROM_GUEST;
    __u16 port = from_guest ? p->key.destination_port : p->key.source_port;
    __u32 difference;
    int bad;

    t->before[0] = p->key.source[0];
    t->before[1] = p->key.destination[0];
    t->after[0] = flow->nat_address[0];
    t->after[1] = flow->nat_address[1];
    difference = bpf_csum_diff(t->before, 8, t->after, 8, 0);
    bad = translate_transport(skb, p, difference, port, flow->nat_port, !from_guest);
    if (bad)
        return bad;
    if (bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), 0, difference, 0) ||
        bpf_skb_store_bytes(skb, ETH_HLEN + offsetof(struct iphdr, saddr), t->after, 8, 0))
        return DROP_REWRITE_FAILED;
    p->service = 1;
    return DROP_NONE;
}

/* The number of an echo, whose checksum does not cover addresses. */
static __always_inline int translate_echo(struct __sk_buff *skb, struct packet *p, __u16 before,
                                          __u16 number)
{
    __u32 at = p->payload + offsetof(struct icmp_header, echo_id);
    __be16 from = bpf_htons(before), to = bpf_htons(number);

    if (p->fragment == FRAGMENT_LATER)
        return DROP_NONE;
    if (bpf_l4_csum_replace(skb, p->payload + offsetof(struct icmp_header, checksum), from, to, 2) ||
        bpf_skb_store_bytes(skb, at, &to, sizeof(to), 0))
        return DROP_REWRITE_FAILED;
    return DROP_NONE;
}

/* This host's address and port for the guest's, or the other way round; and the other side's. */
static __always_inline int translate_underlay(struct __sk_buff *skb, struct packet *p,
                                              const struct flow_value *flow,
                                              struct translation *t)
{
    int source = flow->flags & FLOW_NAT_SOURCE, bad;
    __u16 port = source ? p->key.source_port : p->key.destination_port;
    __u32 difference;

    t->before[0] = t->after[0] = p->key.source[0];
    t->before[1] = t->after[1] = p->key.destination[0];
    t->after[source ? 0 : 1] = flow->nat_address[0];
    if (flow->nat_address[1])
        t->after[source ? 1 : 0] = flow->nat_address[1];
    difference = bpf_csum_diff(t->before, 8, t->after, 8, 0);
    if (p->related)
        bad = translate_quoted(skb, p, flow, difference);
    else if (p->key.protocol == IPPROTO_ICMP)
        bad = translate_echo(skb, p, port, flow->nat_port);
    else
        bad = translate_transport(skb, p, difference, port, flow->nat_port, source);
    if (bad)
        return bad;
    if (bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), 0, difference, 0) ||
        bpf_skb_store_bytes(skb, ETH_HLEN + offsetof(struct iphdr, saddr), t->after, 8, 0))
        return DROP_REWRITE_FAILED;
    if (source) {
        copy_address(p->own_source, p->key.source);
        p->own_port = port;
        p->outward = 1;
    }
    p->key.source[0] = t->after[0];
    p->key.destination[0] = t->after[1];
    if (p->related)
        return DROP_NONE;
    if (source)
        p->key.source_port = flow->nat_port;
    else
        p->key.destination_port = flow->nat_port;
    return DROP_NONE;
}

#define LONG_LIVED 255

/* BGP speakers expect each other on one link, where none of the packet's time is spent. */
static __always_inline int live_long(struct __sk_buff *skb, struct packet *p)
{
    __be16 before = bpf_htons(p->ttl << 8), after = bpf_htons(LONG_LIVED << 8);
    __u8 ttl = LONG_LIVED;

    if (bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), before, after, 2) ||
        bpf_skb_store_bytes(skb, ETH_HLEN + offsetof(struct iphdr, ttl), &ttl, 1, 0))
        return DROP_REWRITE_FAILED;
    p->ttl = ttl;
    return DROP_NONE;
}

/* Writes the flow's translation into the packet. */
STAGE translate(struct __sk_buff *skb, struct packet *p, const struct flow_value *flow)
{
    struct translation *t = translation(TRANSLATION_OWN);

    if (!p || !flow || !t)
        return DROP_FLOW_INVALID;

    int source = flow->flags & FLOW_NAT_SOURCE, v4 = p->key.family == FAMILY_IPV4, bad = DROP_NONE;
    __u16 port = source ? p->key.source_port : p->key.destination_port;
    __u32 difference, at = ETH_HLEN + address_in(p->key.family, source);

    if (flow->flags & FLOW_SERVICE)
        return p->related ? DROP_FLOW_INVALID : translate_service(skb, p, flow, t);
    if (flow->flags & FLOW_UNDERLAY) {
        bad = translate_underlay(skb, p, flow, t);
        return bad || !is_bgp_flow(flow) || p->related ? bad : live_long(skb, p);
    }
    copy_address(t->after, flow->nat_address);
    if (source)
        copy_address(t->before, p->key.source);
    else
        copy_address(t->before, p->key.destination);
    difference = v4 ? bpf_csum_diff(t->before, 4, t->after, 4, 0) : bpf_csum_diff(t->before, 16, t->after, 16, 0);
    if (p->related)
        bad = translate_quoted(skb, p, flow, difference);
    else
        bad = translate_transport(skb, p, difference, port, flow->nat_port, source);
    if (bad)
        return bad;
    if (v4 && bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), 0, difference, 0))
        return DROP_REWRITE_FAILED;
    if (v4 ? bpf_skb_store_bytes(skb, at, t->after, 4, 0) : bpf_skb_store_bytes(skb, at, t->after, 16, 0))
        return DROP_REWRITE_FAILED;
    if (source) {
        copy_address(p->own_source, t->before);
        p->own_port = port;
        copy_address(p->key.source, t->after);
        p->vrf = flow->nat_vrf;
        p->translated = 1;
        if (!p->related)
            p->key.source_port = flow->nat_port;
    } else {
        copy_address(p->key.destination, t->after);
        if (!p->related)
            p->key.destination_port = flow->nat_port;
    }
    return DROP_NONE;
}
