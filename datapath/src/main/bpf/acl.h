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
    __u32 rules; /* of the list */
    __u32 chunk; /* after the one whose candidates are walked */
    __u32 word;  /* of these */
};

/* Brings the limits into the object's description, as no table has them. */
const volatile enum rule_limit rule_limit_described = ACL_LINEAR;

#define WORDS (ACL_VECTOR / 64)

/* The rules that may match, of which those walked are taken away. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct rule_set);
} candidates SEC(".maps");

static __always_inline struct rule_set *candidate_set(void)
{
    __u32 zero = 0;

    return bpf_map_lookup_elem(&candidates, &zero);
}

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

/* Asks one rule; 1 if that ends the walk. */
static __always_inline long try_rule(struct question *q, __u32 index)
{
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

static long ask_rule(__u32 index, void *context)
{
    return try_rule(context, index);
}

/* Leaves the candidates that `at` finds, too. */
static __always_inline int narrow(struct rule_set *set, struct rule_set_key *at)
{
    struct rule_set *found = bpf_map_lookup_elem(&rule_sets, at);

    if (!found)
        return 0;
#pragma unroll
    for (int i = 0; i < WORDS; i++)
        set->words[i] &= found->words[i];
    return 1;
}

/* Which rules of a chunk may match `key`; false if the list was replaced under us. */
static __always_inline int find_candidates(const struct flow_key *key, __u32 acl, __u32 version,
                                           __u32 chunk)
{
    struct rule_set *set = candidate_set();

    if (!key || !set)
        return 0;

    __u32 bits = key->family == FAMILY_IPV4 ? 32 : 128;
    struct rule_set_key at = {
        .prefix_length = RULE_SET_BITS + bits,
        .acl = acl,
        .version = version,
        .dimension = RULE_SOURCE,
        .family = key->family,
        .chunk = chunk,
    };

    __builtin_memset(set, 0xff, sizeof(*set));
    __builtin_memcpy(at.value, key->source, sizeof(at.value));
    if (!narrow(set, &at))
        return 0;
    at.dimension = RULE_DESTINATION;
    __builtin_memcpy(at.value, key->destination, sizeof(at.value));
    if (!narrow(set, &at))
        return 0;
    if (!has_ports(key->protocol))
        return 1;
    at.dimension = RULE_PORT;
    at.family = FAMILY_NONE;
    at.prefix_length = RULE_SET_BITS + 16;
    at.value[0] = bpf_htonl((__u32)key->destination_port << 16);
    return narrow(set, &at);
}

static __always_inline __u32 lowest_bit(__u64 word)
{
    return __builtin_popcountll((word & -word) - 1);
}

/* One step: the next rule that may match, or the way to it. */
static long ask_candidate(__u32 step, void *context)
{
    struct question *q = context;
    struct rule_set *set = candidate_set();
    __u32 at = q->word;
    __u64 word;

    if (!set || step > q->rules + (WORDS + 1) * (q->rules / ACL_VECTOR + 1))
        return 1;
    if (at >= WORDS) {
        if (q->chunk * ACL_VECTOR >= q->rules ||
            !find_candidates(q->key, q->at.acl, q->at.version, q->chunk))
            return 1;
        q->chunk++;
        q->word = 0;
        return 0;
    }
    word = set->words[at];
    if (!word) {
        q->word++;
        return 0;
    }
    set->words[at] = word & (word - 1);
    return try_rule(q, (q->chunk - 1) * ACL_VECTOR + at * 64 + lowest_bit(word));
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
    if (!value)
        return 1;
    q->rules = value->rules;
    q->chunk = 0;
    q->word = WORDS;
    if (q->rules <= ACL_LINEAR)
        bpf_loop(q->rules, ask_rule, q, 0);
    else
        bpf_loop(q->rules + (WORDS + 1) * (q->rules / ACL_VECTOR + 1), ask_candidate, q, 0);
    return q->deny;
}
