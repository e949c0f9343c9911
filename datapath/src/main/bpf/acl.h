/* Ordered rules, of which the first that matches decides. */
#pragma once
#include <bpf/bpf_helpers.h>
#include "parse.h"
#include "route.h"

/* What the rules may ask of an address beyond its bits: properties of its route. */
struct identity {
    __u32 virtual_network;
    __u32 groups;
};

struct question {
    struct flow_key *key;
    struct rule_key at; /* version and ACL; the index is the walk's */
    struct identity source;
    struct identity destination;
    __u8 icmp_type;
    __u8 matched;
    __u8 deny;
    __s32 rule;
};

static __always_inline void identify(struct identity *identity, __u32 vrf, __u8 family,
                                     const __be32 *address)
{
    struct route_value *r = route(vrf, family, address);

    identity->virtual_network = r ? r->virtual_network : 0;
    identity->groups = r ? r->groups : 0;
}

static __always_inline int in_subnet(const struct endpoint *e, __u8 family, const __be32 *address)
{
    __be32 difference = (address[0] ^ e->address[0]) & e->mask[0];

    difference |= (address[1] ^ e->address[1]) & e->mask[1];
    difference |= (address[2] ^ e->address[2]) & e->mask[2];
    difference |= (address[3] ^ e->address[3]) & e->mask[3];
    return e->family == family && difference == 0;
}

static __always_inline int endpoint_matches(const struct endpoint *e, __u8 family,
                                            const __be32 *address, const struct identity *identity)
{
    struct group_key member = {.set = identity->groups, .group = e->id};

    switch (e->kind) {
    case ENDPOINT_ANY:
        return 1;
    case ENDPOINT_SUBNET:
        return in_subnet(e, family, address);
    case ENDPOINT_GROUP:
        return bpf_map_lookup_elem(&groups, &member) != NULL;
    case ENDPOINT_NETWORK:
        return e->id == identity->virtual_network;
    default:
        return 0;
    }
}

/* For ICMP the low destination port is the type, unless the range is full. */
static __always_inline int ports_match(const struct rule_value *r, const struct question *q)
{
    const struct flow_key *key = q->key;

    if (has_ports(key->protocol))
        return key->source_port >= r->source_low && key->source_port <= r->source_high &&
               key->destination_port >= r->destination_low &&
               key->destination_port <= r->destination_high;
    if (key->protocol == IPPROTO_ICMP || key->protocol == IPPROTO_ICMPV6)
        return (r->destination_low == 0 && r->destination_high == 0xffff) ||
               r->destination_low == q->icmp_type;
    return 1;
}

/* ICMP stands for the ICMP of the packet's family: clients write `icmp` for both. */
static __always_inline int protocol_matches(const struct rule_value *r, const struct flow_key *key)
{
    return r->protocol < 0 || r->protocol == key->protocol ||
           (r->protocol == IPPROTO_ICMP && key->protocol == IPPROTO_ICMPV6);
}

static long ask_rule(__u32 index, void *context)
{
    struct question *q = context;
    struct rule_key at = {.acl = q->at.acl, .version = q->at.version, .index = index};
    struct rule_value *r = bpf_map_lookup_elem(&rules, &at);

    if (!r)
        return 1; /* the list was replaced under us: nothing matches */
    if (r->family != FAMILY_NONE && r->family != q->key->family)
        return 0;
    if (!protocol_matches(r, q->key) || !ports_match(r, q))
        return 0;
    if (!endpoint_matches(&r->source, q->key->family, q->key->source, &q->source) ||
        !endpoint_matches(&r->destination, q->key->family, q->key->destination, &q->destination))
        return 0;
    q->matched = 1;
    q->deny = r->deny;
    q->rule = index;
    return 1;
}

/* Walks ACL `acl`; an ACL that is not there denies, as one without rules does. */
static __always_inline int ask(struct question *q, __u32 acl)
{
    struct acl_value *value = bpf_map_lookup_elem(&acls, &acl);

    q->at.acl = acl;
    q->at.version = value ? value->version : 0;
    q->matched = 0;
    q->deny = 1;
    q->rule = -1;
    if (value)
        bpf_loop(value->rules, ask_rule, q, 0);
    return q->deny;
}
