/* BGP as a service: guests that speak BGP with control nodes, at addresses of their vRouter. */
#pragma once
#include "l3.h"

#define PORT_BGP 179

static __always_inline int is_bgp(const struct flow_key *key)
{
    return key->family == FAMILY_IPV4 && key->protocol == IPPROTO_TCP &&
           key->destination_port == PORT_BGP;
}

static __always_inline int is_bgp_flow(const struct flow_value *flow)
{
    return (flow->flags & FLOW_BGP) == FLOW_BGP;
}

static __always_inline struct bgp_service_value *bgp_service(const struct flow_key *key)
{
    struct bgp_service_key at = {.vif = key->vif, .address = key->destination[0]};

    return is_bgp(key) ? bpf_map_lookup_elem(&bgp_services, &at) : NULL;
}

/* Of a flow that a guest begins; it asks no policy. */
static __always_inline int choose_bgp(const struct flow_key *key, const struct vif_value *vif,
                                      struct flow_value *flow)
{
    struct bgp_service_value *service = bgp_service(key);
    struct config *c = config();
    struct bgp_session_key session = {};
    __u32 id = key->vif;

    if (!service || !c || !c->fabric_address)
        return 0;
    flow->flags |= FLOW_NAT_SOURCE | FLOW_BGP;
    flow->nat_address[0] = c->fabric_address;
    flow->nat_address[1] = service->server;
    flow->nat_port = service->port;
    flow->nat_vrf = vif->vrf;
    session.server = service->server;
    session.port = service->port;
    bpf_map_update_elem(&bgp_sessions, &session, &id, BPF_ANY);
    return 1;
}

/* Whether a flow that began with `key` still goes to that control node by that port. */
static __always_inline int bgp_holds(const struct flow_key *key, const struct flow_value *flow)
{
    struct bgp_service_value *service = bgp_service(key);
    struct config *c = config();

    return service && c && flow->nat_address[0] == c->fabric_address &&
           flow->nat_address[1] == service->server && flow->nat_port == service->port;
}

/* The vif of a guest that a control node answers; 0 if it is none. */
static __always_inline __u32 bgp_guest(const struct flow_key *key)
{
    struct bgp_session_key at = {.server = key->source[0], .port = key->destination_port};
    __u32 *vif;

    if (key->protocol != IPPROTO_TCP || key->source_port != PORT_BGP)
        return 0;
    vif = bpf_map_lookup_elem(&bgp_sessions, &at);
    return vif ? *vif : 0;
}
