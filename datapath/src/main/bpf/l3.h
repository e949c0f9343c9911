/* Routing by IP: the lookup and what changes in the header. */
#pragma once
#include "drop.h"
#include "parse.h"
#include "route.h"

static const __u8 GATEWAY_MAC[ETH_ALEN] = {0x00, 0x00, 0x5e, 0x00, 0x01, 0x00};

static __always_inline int mac_equals(const __u8 *a, const __u8 *b)
{
    __u8 difference = 0;

    difference |= a[0] ^ b[0];
    difference |= a[1] ^ b[1];
    difference |= a[2] ^ b[2];
    difference |= a[3] ^ b[3];
    difference |= a[4] ^ b[4];
    difference |= a[5] ^ b[5];
    return difference == 0;
}

static __always_inline void mac_copy(__u8 *to, const __u8 *from)
{
    to[0] = from[0];
    to[1] = from[1];
    to[2] = from[2];
    to[3] = from[3];
    to[4] = from[4];
    to[5] = from[5];
}

static __always_inline int is_group(const __u8 *mac)
{
    return mac[0] & 1;
}

static __always_inline __u16 ip_checksum(const struct iphdr *ip)
{
    const __u16 *words = (const __u16 *)ip;
    __u32 sum = 0;

    sum += words[0];
    sum += words[1];
    sum += words[2];
    sum += words[3];
    sum += words[4];
    sum += words[5];
    sum += words[6];
    sum += words[7];
    sum += words[8];
    sum += words[9];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

/* Finds where a packet to the gateway's MAC goes. */
static __always_inline int l3_lookup(struct packet *p)
{
    struct route_value *r;

    if (!p->key.family)
        return DROP_UNSUPPORTED_PROTOCOL;
    r = route(p->vrf, p->key.family, p->key.destination);
    if (!r)
        return DROP_NO_ROUTE;
    p->next_hop = r->next_hop;
    p->label = r->label;
    p->routed = 1;
    return DROP_NONE;
}

/* What of an IPv4 header a hop changes, as it stands there. */
struct ttl_word {
    __u8 ttl;
    __u8 protocol;
    __be16 checksum;
};

/* One hop less to live; what has none left is dropped. */
static __always_inline int l3_decrement(struct __sk_buff *skb, struct packet *p)
{
    __u8 ttl = p->ttl;

    if (ttl <= 1)
        return DROP_TTL_EXCEEDED;
    ttl--;
    if (p->key.family == FAMILY_IPV4) {
        __u32 at = ETH_HLEN + offsetof(struct iphdr, ttl), sum;
        struct ttl_word word;

        if (read_packet(skb, at, &word))
            return DROP_REWRITE_FAILED;
        sum = (__u32)word.checksum + bpf_htons(0x100);
        word.checksum = sum + (sum >= 0xffff);
        word.ttl = ttl;
        if (bpf_skb_store_bytes(skb, at, &word, sizeof(word), 0))
            return DROP_REWRITE_FAILED;
    } else {
        if (bpf_skb_store_bytes(skb, ETH_HLEN + offsetof(struct ipv6hdr, hop_limit), &ttl, 1, 0))
            return DROP_REWRITE_FAILED;
    }
    p->ttl = ttl;
    return DROP_NONE;
}
