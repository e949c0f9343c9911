/* Headers of a guest's frame into a struct packet. */
#pragma once
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "packet.h"

/* The kernel's own header of these does not compile for BPF. */
#define ICMP_ECHOREPLY 0
#define ICMP_DEST_UNREACH 3
#define ICMP_ECHO 8
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETERPROB 12
#define ICMPV6_DEST_UNREACH 1
#define ICMPV6_PKT_TOOBIG 2
#define ICMPV6_TIME_EXCEED 3
#define ICMPV6_PARAMPROB 4
#define ICMPV6_ECHO_REQUEST 128
#define ICMPV6_ECHO_REPLY 129

struct icmp_header {
    __u8 type;
    __u8 code;
    __be16 checksum;
    __be16 echo_id;
    __be16 echo_sequence;
};
ABI_SIZE(struct icmp_header, 8);

/* How TCP, UDP and SCTP begin. */
struct port_pair {
    __be16 source;
    __be16 destination;
};

#define IP_MORE_FRAGMENTS 0x2000
#define IP_FRAGMENT_OFFSET 0x1fff
#define MINIMAL_PAYLOAD 8 /* of UDP and ICMP; TCP and SCTP have more */

/* How most extension headers of IPv6 begin. */
struct extension_header {
    __u8 next;
    __u8 length; /* without the first 8 bytes, in units of 8 */
};

struct fragment_header {
    __u8 next;
    __u8 reserved;
    __be16 offset;
    __be32 id;
};
ABI_SIZE(struct fragment_header, 8);

#define IPV6_FRAGMENT_OFFSET 0xfff8
#define IPV6_MORE_FRAGMENTS 1
#define EXTENSIONS_MOST 5
#define PAYLOAD_LAST 200 /* where what is carried may start at most */

static __always_inline int is_icmp_echo(__u8 protocol, __u8 type)
{
    return protocol == IPPROTO_ICMP ? type == ICMP_ECHO || type == ICMP_ECHOREPLY
                                    : type == ICMPV6_ECHO_REQUEST || type == ICMPV6_ECHO_REPLY;
}

static __always_inline int has_ports(__u8 protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

/* Ports, or what stands for them in ICMP, at `at`. */
static __always_inline int parse_ports(struct __sk_buff *skb, struct flow_key *key, __u8 *icmp_type,
                                       __u32 at)
{
    struct port_pair ports;
    struct icmp_header icmp;

    if (has_ports(key->protocol)) {
        if (read_packet(skb, at, &ports))
            return DROP_INVALID_PACKET;
        key->source_port = bpf_ntohs(ports.source);
        key->destination_port = bpf_ntohs(ports.destination);
    } else if (key->protocol == IPPROTO_ICMP || key->protocol == IPPROTO_ICMPV6) {
        if (read_packet(skb, at, &icmp))
            return DROP_INVALID_PACKET;
        *icmp_type = icmp.type;
        key->source_port = icmp.type;
        key->destination_port = icmp.code;
        if (is_icmp_echo(key->protocol, icmp.type)) {
            __u16 id = bpf_ntohs(icmp.echo_id);
            int request = icmp.type == ICMP_ECHO || icmp.type == ICMPV6_ECHO_REQUEST;

            key->source_port = request ? id : 0;
            key->destination_port = request ? 0 : id;
        }
    }
    return DROP_NONE;
}

static __always_inline int is_icmp_error(__u8 type)
{
    return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

static __always_inline int is_icmpv6_error(__u8 type)
{
    return type >= ICMPV6_DEST_UNREACH && type <= ICMPV6_PARAMPROB;
}

static __always_inline void set_related(struct packet *p, const struct flow_key *inner)
{
    p->related = 1;
    p->quoted.protocol = inner->protocol;
    __builtin_memcpy(p->quoted.source, inner->destination, sizeof(p->quoted.source));
    __builtin_memcpy(p->quoted.destination, inner->source, sizeof(p->quoted.destination));
    p->quoted.source_port = inner->destination_port;
    p->quoted.destination_port = inner->source_port;
}

/* An error whose quotation cannot be read is left to be judged as any ICMP. */
static __always_inline void parse_related(struct __sk_buff *skb, struct packet *p, __u32 at)
{
    struct iphdr quoted;
    struct flow_key inner = {.family = FAMILY_IPV4};
    __u8 type = 0;

    if (bpf_skb_load_bytes(skb, at, &quoted, sizeof(quoted)) < 0 || quoted.version != 4 ||
        quoted.ihl < 5)
        return;
    inner.protocol = quoted.protocol;
    inner.source[0] = quoted.saddr;
    inner.destination[0] = quoted.daddr;
    if (parse_ports(skb, &inner, &type, at + quoted.ihl * 4) == DROP_NONE)
        set_related(p, &inner);
}

/* Of extension headers a quotation may have that of a fragment, the first of its packet. */
static __always_inline void parse_related6(struct __sk_buff *skb, struct packet *p, __u32 at)
{
    struct ipv6hdr quoted;
    struct flow_key inner = {.family = FAMILY_IPV6};
    __u8 type = 0;

    if (bpf_skb_load_bytes(skb, at, &quoted, sizeof(quoted)) < 0 || quoted.version != 6)
        return;
    at += sizeof(quoted);
    inner.protocol = quoted.nexthdr;
    __builtin_memcpy(inner.source, &quoted.saddr, sizeof(inner.source));
    __builtin_memcpy(inner.destination, &quoted.daddr, sizeof(inner.destination));
    if (inner.protocol == IPPROTO_FRAGMENT) {
        struct fragment_header fragment;

        if (bpf_skb_load_bytes(skb, at, &fragment, sizeof(fragment)) < 0 ||
            fragment.offset & bpf_htons(IPV6_FRAGMENT_OFFSET))
            return;
        inner.protocol = fragment.next;
        at += sizeof(fragment);
    }
    if (parse_ports(skb, &inner, &type, at) == DROP_NONE)
        set_related(p, &inner);
}

static __always_inline int parse_ipv4(struct __sk_buff *skb, struct packet *p)
{
    struct iphdr ip;
    __u32 header, total, offset;
    int bad;

    if (read_packet(skb, ETH_HLEN, &ip))
        return DROP_INVALID_PACKET;
    header = ip.ihl * 4;
    total = bpf_ntohs(ip.tot_len);
    if (ip.version != 4 || header < sizeof(ip) || total < header || ETH_HLEN + total > skb->len)
        return DROP_INVALID_PACKET;
    p->key.family = FAMILY_IPV4;
    p->key.protocol = ip.protocol;
    p->key.source[0] = ip.saddr;
    p->key.destination[0] = ip.daddr;
    p->ttl = ip.ttl;
    p->payload = ETH_HLEN + header;
    offset = bpf_ntohs(ip.frag_off);
    p->fragment_id = ip.id;
    if (offset & IP_FRAGMENT_OFFSET) {
        p->fragment = FRAGMENT_LATER;
        return DROP_NONE;
    }
    if (offset & IP_MORE_FRAGMENTS)
        p->fragment = FRAGMENT_FIRST;
    if (total < header + MINIMAL_PAYLOAD && (has_ports(ip.protocol) || ip.protocol == IPPROTO_ICMP))
        return DROP_INVALID_PACKET;
    bad = parse_ports(skb, &p->key, &p->icmp_type, ETH_HLEN + header);
    if (bad)
        return bad;
    if (ip.protocol == IPPROTO_ICMP && is_icmp_error(p->icmp_type))
        parse_related(skb, p, ETH_HLEN + header + sizeof(struct icmp_header));
    return DROP_NONE;
}

static __always_inline int is_extension(__u8 protocol)
{
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
           protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_AH;
}

static __always_inline int parse_fragment(struct __sk_buff *skb, struct packet *p)
{
    struct fragment_header fragment;

    if (p->fragment != WHOLE || bpf_skb_load_bytes(skb, p->payload, &fragment, sizeof(fragment)) < 0)
        return DROP_INVALID_PACKET;
    p->key.protocol = fragment.next;
    p->payload += sizeof(fragment);
    p->fragment_id = fragment.id;
    if (fragment.offset & bpf_htons(IPV6_FRAGMENT_OFFSET))
        p->fragment = FRAGMENT_LATER;
    else if (fragment.offset & bpf_htons(IPV6_MORE_FRAGMENTS))
        p->fragment = FRAGMENT_FIRST;
    return DROP_NONE;
}

/*
 * Steps over one header between IPv6's own and what the packet carries (RFC 8200, section 4). A
 * later fragment has only its own and what stands before that.
 */
static __always_inline int parse_extension(struct __sk_buff *skb, struct packet *p)
{
    struct extension_header extension;
    __u32 next;

    if (p->fragment == FRAGMENT_LATER || !is_extension(p->key.protocol))
        return DROP_NONE;
    if (p->key.protocol == IPPROTO_FRAGMENT)
        return parse_fragment(skb, p);
    if (bpf_skb_load_bytes(skb, p->payload, &extension, sizeof(extension)) < 0)
        return DROP_INVALID_PACKET;
    next = p->payload + (p->key.protocol == IPPROTO_AH ? (extension.length + 2) * 4
                                                       : (extension.length + 1) * 8);
    if (next > PAYLOAD_LAST)
        return DROP_INVALID_PACKET;
    p->key.protocol = extension.next;
    p->payload = next;
    return DROP_NONE;
}

/* No sender needs more of them, or longer ones: who has them hides what the packet carries. */
STAGE parse_extensions(struct __sk_buff *skb, struct packet *p)
{
    if (!p)
        return DROP_INVALID_PACKET;
#pragma unroll
    for (int i = 0; i < EXTENSIONS_MOST; i++)
        if (parse_extension(skb, p))
            return DROP_INVALID_PACKET;
    return p->fragment != FRAGMENT_LATER && is_extension(p->key.protocol) ? DROP_INVALID_PACKET
                                                                          : DROP_NONE;
}

static __always_inline int parse_ipv6(struct __sk_buff *skb, struct packet *p)
{
    struct ipv6hdr ip;
    __u32 end;
    int bad;

    if (read_packet(skb, ETH_HLEN, &ip))
        return DROP_INVALID_PACKET;
    end = ETH_HLEN + sizeof(ip) + bpf_ntohs(ip.payload_len);
    if (ip.version != 6 || end > skb->len)
        return DROP_INVALID_PACKET;
    p->key.family = FAMILY_IPV6;
    p->key.protocol = ip.nexthdr;
    __builtin_memcpy(p->key.source, &ip.saddr, sizeof(p->key.source));
    __builtin_memcpy(p->key.destination, &ip.daddr, sizeof(p->key.destination));
    p->ttl = ip.hop_limit;
    p->payload = ETH_HLEN + sizeof(ip);
    if (is_extension(ip.nexthdr) && parse_extensions(skb, p))
        return DROP_INVALID_PACKET;
    if (p->fragment == FRAGMENT_LATER)
        return DROP_NONE;
    if (end < p->payload + MINIMAL_PAYLOAD &&
        (has_ports(p->key.protocol) || p->key.protocol == IPPROTO_ICMPV6))
        return DROP_INVALID_PACKET;
    bad = parse_ports(skb, &p->key, &p->icmp_type, p->payload);
    if (!bad && p->key.protocol == IPPROTO_ICMPV6 && is_icmpv6_error(p->icmp_type))
        parse_related6(skb, p, p->payload + sizeof(struct icmp_header));
    return bad;
}

#define TCP_FLAGS_AT 13

/* A header that is cut off says nothing. */
static __always_inline int parse_tcp(struct __sk_buff *skb, struct packet *p, int bad)
{
    __u8 flags;

    if (!bad && p->key.protocol == IPPROTO_TCP && p->fragment != FRAGMENT_LATER &&
        !read_packet(skb, p->payload + TCP_FLAGS_AT, &flags))
        p->tcp = flags & TCP_STATE;
    return bad;
}

/*
 * What follows the Ethernet header, which has been read. Of a frame that is neither IP nor ARP there
 * is no more to be read.
 */
STAGE parse_payload(struct __sk_buff *skb, struct packet *p)
{
    if (!p)
        return DROP_INVALID_PACKET;

    if (skb->vlan_present)
        return DROP_UNSUPPORTED_PROTOCOL;
    switch (p->eth.h_proto) {
    case bpf_htons(ETH_P_IP):
        return parse_tcp(skb, p, parse_ipv4(skb, p));
    case bpf_htons(ETH_P_IPV6):
        return parse_tcp(skb, p, parse_ipv6(skb, p));
    case bpf_htons(ETH_P_ARP):
        return DROP_NONE;
    default:
        return DROP_UNSUPPORTED_PROTOCOL;
    }
}

static __always_inline int parse(struct __sk_buff *skb, struct packet *p)
{
    if (read_packet(skb, 0, &p->eth))
        return DROP_INVALID_PACKET;
    return parse_payload(skb, p);
}
