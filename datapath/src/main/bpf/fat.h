/* Fat flows: connections that differ only in what a rule of their vif leaves out are one flow. */
#pragma once
#include "l3.h"
#include "nat.h"

enum sharing {
    SHARES_NOTHING,
    SHARES_PORTS,
    SHARES_ADDRESSES,
};

/* One walk over the rules of a vif for one port. */
struct fat_walk {
    struct fat_rule_key at;
    __u32 first;
    __be32 guest[4];
    __be32 remote[4];
    __u8 family;
    __u8 found;
};

static __always_inline int fat_end_holds(const struct fat_end *end, __u8 family,
                                         const __be32 *address)
{
    __be32 difference = (address[0] ^ end->address[0]) & end->mask[0];

    difference |= (address[1] ^ end->address[1]) & end->mask[1];
    difference |= (address[2] ^ end->address[2]) & end->mask[2];
    difference |= (address[3] ^ end->address[3]) & end->mask[3];
    return end->family == FAMILY_NONE || (end->family == family && difference == 0);
}

static long try_fat_rule(__u32 step, void *context)
{
    struct fat_walk *w = context;
    struct fat_rule *rule;

    w->at.index = w->first + step;
    rule = bpf_map_lookup_elem(&fat_rules, &w->at);
    if (!rule)
        return 1; /* the list was replaced under us */
    if (!fat_end_holds(&rule->guest, w->family, w->guest) ||
        !fat_end_holds(&rule->remote, w->family, w->remote))
        return 0;
    w->found = 1;
    return 1;
}

static __always_inline int fat_find(struct fat_walk *w, __u8 protocol, __u16 port)
{
    struct fat_port_key key = {
        .vif = w->at.vif, .version = w->at.version, .port = port, .protocol = protocol};
    struct fat_port_value *rules = bpf_map_lookup_elem(&fat_ports, &key);

    if (!rules)
        return 0;
    w->first = rules->first;
    bpf_loop(rules->count, try_fat_rule, w, 0);
    return w->found;
}

static __always_inline void cut_address(__be32 *to, const __be32 *from, const struct fat_end *end)
{
    to[0] = from[0] & end->kept[0];
    to[1] = from[1] & end->kept[1];
    to[2] = from[2] & end->kept[2];
    to[3] = from[3] & end->kept[3];
}

static __always_inline int is_icmp(__u8 protocol)
{
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/*
 * Finds the flow that a packet with `key` shares, if it does. Of several rules that of the lower
 * port is taken, those for all ports last. Of ICMP only echoes are connections.
 */
STAGE share_flow(struct flow_key *key, int from_guest)
{
    struct shared_flow *shared = shared_flow();
    struct fat_list *list;
    struct fat_rule *rule;
    __u32 id, width;
    __u16 low, high;

    if (!key || !shared)
        return SHARES_NOTHING;
    id = key->vif;
    list = bpf_map_lookup_elem(&fat_lists, &id);
    if (!list || !list->count)
        return SHARES_NOTHING;

    struct fat_walk w = {.at = {.vif = id, .version = list->version}, .family = key->family};

    copy_address(from_guest ? w.guest : w.remote, key->source);
    copy_address(from_guest ? w.remote : w.guest, key->destination);
    low = key->source_port < key->destination_port ? key->source_port : key->destination_port;
    high = key->source_port < key->destination_port ? key->destination_port : key->source_port;
    if (is_icmp(key->protocol) ? !fat_find(&w, key->protocol, 0)
                               : !fat_find(&w, key->protocol, low) &&
                                     !fat_find(&w, key->protocol, high) &&
                                     !fat_find(&w, key->protocol, 0))
        return SHARES_NOTHING;
    rule = bpf_map_lookup_elem(&fat_rules, &w.at);
    if (!rule)
        return SHARES_NOTHING;
    shared->who = *key;
    shared->key = *key;
    shared->key.source_port = key->source_port == rule->port ? rule->port : 0;
    shared->key.destination_port = key->destination_port == rule->port ? rule->port : 0;
    cut_address(from_guest ? shared->key.source : shared->key.destination, w.guest, &rule->guest);
    cut_address(from_guest ? shared->key.destination : shared->key.source, w.remote,
                &rule->remote);
    width = key->family == FAMILY_IPV4 ? 32 : 128;
    shared->source_length = from_guest ? rule->guest.length : rule->remote.length;
    shared->destination_length = from_guest ? rule->remote.length : rule->guest.length;
    return shared->source_length < width || shared->destination_length < width ? SHARES_ADDRESSES
                                                                               : SHARES_PORTS;
}
