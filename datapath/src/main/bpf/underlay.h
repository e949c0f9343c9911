/* Guests in the underlay: by this host's address, and a port of it for each of theirs. */
#pragma once
#include <linux/errno.h>
#include "l3.h"

#define FREE_PORT_TRIES 4
#define POOL_RESERVE 4 /* a quarter is for those who have less than a quarter */

static __always_inline int pool_of(__u8 protocol)
{
    switch (protocol) {
    case IPPROTO_TCP:
        return POOL_TCP;
    case IPPROTO_UDP:
        return POOL_UDP;
    case IPPROTO_ICMP:
        return POOL_ICMP;
    default:
        return -1;
    }
}

static __always_inline long pop_port(__u32 pool, __u32 *port)
{
    if (pool == POOL_TCP)
        return bpf_map_pop_elem(&free_tcp_ports, port);
    if (pool == POOL_UDP)
        return bpf_map_pop_elem(&free_udp_ports, port);
    return bpf_map_pop_elem(&free_echo_numbers, port);
}

static __always_inline void push_port(__u32 pool, __u32 *port)
{
    if (pool == POOL_TCP)
        bpf_map_push_elem(&free_tcp_ports, port, 0);
    else if (pool == POOL_UDP)
        bpf_map_push_elem(&free_udp_ports, port, 0);
    else
        bpf_map_push_elem(&free_echo_numbers, port, 0);
}

struct port_search {
    struct bound_port_key at;
    struct bound_port_value value;
    __u32 pool;
    __u32 found;
};

/* One that has come back to the queue while it was still bound is passed over. */
static long try_port(__u32 step, void *context)
{
    struct port_search *s = context;
    __u32 port = 0;
    long error;

    if (step >= FREE_PORT_TRIES || pop_port(s->pool, &port))
        return 1;
    s->at.port = port;
    error = bpf_map_update_elem(&bound_ports, &s->at, &s->value, BPF_NOEXIST);
    if (error == -EEXIST)
        return 0;
    if (error)
        push_port(s->pool, &port);
    else
        s->found = port;
    return 1;
}

/* The port of this host for a guest's; 0 if there is none for it. */
static __always_inline __u32 bind_port(const struct flow_key *key, __u32 index)
{
    struct binding_key at = {
        .address = key->source[0],
        .vif = key->vif,
        .port = key->source_port,
        .protocol = key->protocol,
    };
    struct binding_value fresh = {.last_ns = bpf_ktime_get_coarse_ns()}, *bound;
    struct port_search search = {
        .at = {.protocol = key->protocol},
        .value = {.made_ns = fresh.last_ns,
                  .vif = key->vif,
                  .address = key->source[0],
                  .port = key->source_port},
        .pool = index,
    };
    struct port_pool *pool = bpf_map_lookup_elem(&port_pools, &index);
    __u32 vif = key->vif, free, reserve;
    struct vif_state *state = bpf_map_lookup_elem(&vif_states, &vif);

    bound = bpf_map_lookup_elem(&bindings, &at);
    if (bound) {
        bound->last_ns = fresh.last_ns;
        return bound->port;
    }
    if (!pool || !state)
        return 0;
    free = pool->total > pool->taken ? pool->total - pool->taken : 0;
    reserve = pool->total / POOL_RESERVE;
    if (state->ports >= reserve && free <= reserve)
        return 0;
    bpf_loop(FREE_PORT_TRIES, try_port, &search, 0);
    if (!search.found)
        return 0;
    fresh.port = search.found;
    if (!bpf_map_update_elem(&bindings, &at, &fresh, BPF_NOEXIST)) {
        __sync_fetch_and_add(&pool->taken, 1);
        __sync_fetch_and_add(&state->ports, 1);
        return search.found;
    }
    bpf_map_delete_elem(&bound_ports, &search.at);
    push_port(index, &search.found);
    bound = bpf_map_lookup_elem(&bindings, &at); /* of another CPU, which was faster */
    return bound ? bound->port : 0;
}

static __always_inline int leads_to_underlay(const struct route_value *r)
{
    struct next_hop_value *nh = r ? bpf_map_lookup_elem(&next_hops, &r->next_hop) : NULL;

    return nh && nh->type == NH_UNDERLAY;
}

/* Of a flow that a guest begins, if its route leads to the underlay. */
static __always_inline int choose_underlay(const struct flow_key *key, const struct vif_value *vif,
                                           const struct route_value *r, struct flow_value *flow)
{
    struct config *c = config();
    int pool = pool_of(key->protocol);
    __u32 port;

    if (!c || !c->underlay || !leads_to_underlay(r))
        return DROP_NONE;
    if (key->family != FAMILY_IPV4 || pool < 0 ||
        (key->protocol == IPPROTO_ICMP && flow->icmp_type != ICMP_ECHO))
        return DROP_UNSUPPORTED_PROTOCOL;
    if (!c->fabric_address || key->destination[0] == c->fabric_address)
        return DROP_LOOP;
    port = bind_port(key, pool);
    if (!port)
        return DROP_NO_FREE_PORT;
    flow->flags |= FLOW_NAT_SOURCE | FLOW_UNDERLAY;
    flow->nat_address[0] = c->fabric_address;
    flow->nat_port = port;
    flow->nat_vrf = vif->vrf;
    flow->nat_acl = vif->network_acl;
    return DROP_NONE;
}

/* Whether a flow that began with `key` may still go by that address and port. */
static __always_inline int underlay_holds(const struct flow_key *key, const struct vif_value *vif,
                                          const struct flow_value *flow)
{
    struct config *c = config();
    struct bound_port_key at = {.port = flow->nat_port, .protocol = key->protocol};
    struct bound_port_value *bound = bpf_map_lookup_elem(&bound_ports, &at);

    return c && bound && bound->vif == key->vif && flow->nat_address[0] == c->fabric_address &&
           leads_to_underlay(route(vif->vrf, key->family, key->destination));
}
