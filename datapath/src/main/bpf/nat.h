/* Address translation: which address a flow has on the other side. translate.h writes it. */
#pragma once
#include "bgp.h"
#include "underlay.h"

#define FLOW_NAT (FLOW_NAT_SOURCE | FLOW_NAT_DESTINATION)
#define FLOW_TRANSLATED (FLOW_NAT | FLOW_SERVICE)
#define PORT_DNS 53

/* One walk over the floating addresses of a vif. */
struct floating_walk {
    struct flow_key *key;
    struct flow_value *flow;
    struct floating_key at;
    __u32 best; /* prefix length, plus one, that a route in another VRF must exceed */
    __u32 reason;
};

static __always_inline void copy_address(__be32 *to, const __be32 *from)
{
    to[0] = from[0];
    to[1] = from[1];
    to[2] = from[2];
    to[3] = from[3];
}

/* The port on the other side of a floating address; 0 if it is not mapped. */
static __always_inline __u16 mapped_port(const struct floating_walk *w, __u16 port, __u8 inward)
{
    struct port_map_key key = {
        .floating = w->at,
        .port = port,
        .protocol = w->key->protocol,
        .inward = inward,
    };
    struct port_map_value *found = bpf_map_lookup_elem(&port_maps, &key);

    return found ? found->port : 0;
}

static __always_inline void take_floating(struct floating_walk *w, const struct floating_value *f,
                                          __u8 side, __u16 port)
{
    struct flow_value *flow = w->flow;

    flow->flags = (flow->flags & ~FLOW_NAT) | side;
    copy_address(flow->nat_address, side == FLOW_NAT_SOURCE ? f->outside : f->inside);
    flow->nat_vrf = f->vrf;
    flow->nat_acl = f->network_acl;
    flow->nat_port = port;
}

/* For what the guest begins: the VRF with the longest route wins, its own if equal. */
static long try_outbound(__u32 index, void *context)
{
    struct floating_walk *w = context;
    struct floating_value *f;
    struct route_value *r;
    __u16 port = w->key->source_port;

    w->at.index = index;
    f = bpf_map_lookup_elem(&floatings, &w->at);
    if (!f || !(f->flags & FLOATING_OUTBOUND) || f->family != w->key->family ||
        !same_address(f->inside, w->key->source))
        return 0;
    r = route(f->vrf, w->key->family, w->key->destination);
    if (!r || r->length + 1 <= w->best)
        return 0;
    if (f->flags & FLOATING_PORTS) {
        port = mapped_port(w, port, 0);
        if (!port)
            return 0;
    }
    w->best = r->length + 1;
    take_floating(w, f, FLOW_NAT_SOURCE, port);
    return 0;
}

/* For what comes to the guest: is it to one of its floating addresses? */
static long try_inbound(__u32 index, void *context)
{
    struct floating_walk *w = context;
    struct floating_value *f;
    __u16 port = w->key->destination_port;

    w->at.index = index;
    f = bpf_map_lookup_elem(&floatings, &w->at);
    if (!f || f->family != w->key->family || !same_address(f->outside, w->key->destination))
        return 0;
    if (!(f->flags & FLOATING_INBOUND)) {
        w->reason = DROP_FLOATING_DIRECTION;
        return 1;
    }
    if (f->flags & FLOATING_PORTS) {
        port = mapped_port(w, port, 1);
        if (!port) {
            w->reason = DROP_FLOATING_PORT;
            return 1;
        }
    }
    take_floating(w, f, FLOW_NAT_DESTINATION, port);
    return 1;
}

/* A source that is translated already keeps its floating address as long as there is one. */
static long try_same(__u32 index, void *context)
{
    struct floating_walk *w = context;
    struct floating_value *f;

    w->at.index = index;
    f = bpf_map_lookup_elem(&floatings, &w->at);
    if (!f || !(f->flags & FLOATING_OUTBOUND) || f->family != w->key->family ||
        f->vrf != w->flow->nat_vrf || !same_address(f->inside, w->key->source) ||
        !same_address(f->outside, w->flow->nat_address))
        return 0;
    w->flow->nat_acl = f->network_acl;
    w->best = 1;
    return 1;
}

static __always_inline int has_floating(__u32 vif)
{
    struct floating_list *list = bpf_map_lookup_elem(&floating_lists, &vif);

    return list && list->count;
}

static __always_inline int is_link_local(const struct flow_key *key)
{
    return key->family == FAMILY_IPV4 &&
           (key->destination[0] & bpf_htonl(LINK_LOCAL_MASK)) == bpf_htonl(LINK_LOCAL);
}

static __always_inline int is_tcp_dns(const struct flow_key *key)
{
    return key->family == FAMILY_IPV4 && key->protocol == IPPROTO_TCP &&
           key->destination_port == PORT_DNS;
}

static __always_inline int may_be_service(const struct flow_key *key)
{
    return is_link_local(key) || is_tcp_dns(key) || is_bgp(key);
}

/*
 * The address under which a service would stand; 0 if none may. DNS over TCP at the vRouter's own
 * addresses, which differ from network to network, stands under that of this host's sockets.
 */
static __always_inline __be32 service_address(const struct flow_key *key, __u32 vrf)
{
    struct next_hop_value *nh;
    struct route_value *r;

    if (is_link_local(key))
        return key->destination[0];
    if (!is_tcp_dns(key))
        return 0;
    r = route(vrf, key->family, key->destination);
    nh = r ? bpf_map_lookup_elem(&next_hops, &r->next_hop) : NULL;
    return nh && nh->type == NH_RECEIVE ? bpf_htonl(SERVICE_HOST) : 0;
}

/* A service is reached from every network and asks no policy. */
static __always_inline int choose_service(const struct flow_key *key, __u32 vrf,
                                          struct flow_value *flow)
{
    struct service_key at = {
        .address = service_address(key, vrf),
        .port = key->destination_port,
        .protocol = key->protocol,
    };
    struct service_value *service;

    if (!at.address)
        return 0;
    service = bpf_map_lookup_elem(&services, &at);
    if (!service)
        return 0;
    flow->flags |= FLOW_SERVICE;
    flow->nat_address[0] = bpf_htonl(SERVICE_GUESTS | (key->vif & 0xffff));
    flow->nat_address[1] = bpf_htonl(SERVICE_HOST);
    flow->nat_port = service->port;
    return 1;
}

/* Whether a guest's flow may leave by another address than its own. */
static __always_inline int may_leave(const struct floating_list *list)
{
    struct config *c = config();

    return (list && list->count) || (c && c->underlay);
}

/*
 * Decides on the translation of a flow that begins with `key`, and writes it into `flow`. Only what
 * goes by the gateway (`routed`) leaves from a floating address.
 */
STAGE choose_nat(struct flow_key *key, const struct vif_value *vif, struct flow_value *flow,
                 int routed)
{
    if (!key || !vif || !flow)
        return DROP_FLOW_INVALID;

    __u32 id = key->vif;
    struct floating_list *list = bpf_map_lookup_elem(&floating_lists, &id);
    struct floating_walk w = {.key = key, .flow = flow};
    struct route_value *own;

    flow->flags &= ~FLOW_TRANSLATED;
    if ((flow->flags & FLOW_FROM_GUEST) && choose_service(key, vif->vrf, flow))
        return DROP_NONE;
    if ((flow->flags & FLOW_FROM_GUEST) && choose_bgp(key, vif, flow))
        return DROP_NONE;
    if (!(flow->flags & FLOW_FROM_GUEST)) {
        if (!list || !list->count)
            return DROP_NONE;
        w.at.vif = key->vif;
        w.at.version = list->version;
        bpf_loop(list->count, try_inbound, &w, 0);
        return w.reason;
    }
    if (!routed || !may_leave(list))
        return DROP_NONE;
    own = route(vif->vrf, key->family, key->destination);
    if (list && list->count) {
        w.at.vif = key->vif;
        w.at.version = list->version;
        w.best = own ? own->length + 1 : 0;
        bpf_loop(list->count, try_outbound, &w, 0);
        if (!w.best)
            return DROP_NO_ROUTE;
    }
    return flow->flags & FLOW_NAT ? DROP_NONE : choose_underlay(key, vif, own, flow);
}

/*
 * True if a flow that began with `key` is still to be translated as it is. A connection keeps its
 * way as long as there is one: routes that came later count for later flows.
 */
STAGE nat_holds(struct flow_key *key, const struct vif_value *vif, struct flow_value *flow)
{
    if (!key || !vif || !flow)
        return 0;

    __u32 id = key->vif;
    struct floating_list *list = bpf_map_lookup_elem(&floating_lists, &id);
    struct flow_value fresh = {.flags = flow->flags};
    struct floating_walk w = {.key = key, .flow = flow};

    if (is_bgp_flow(flow))
        return bgp_holds(key, flow);
    if (flow->flags & (FLOW_OWN | FLOW_SHARED))
        return 1;
    if (flow->flags & FLOW_SERVICE)
        return choose_service(key, vif->vrf, &fresh) && fresh.nat_port == flow->nat_port;
    if (flow->flags & FLOW_UNDERLAY)
        return underlay_holds(key, vif, flow);
    if ((flow->flags & FLOW_FROM_GUEST) && !(flow->flags & FLOW_NAT) &&
        leads_to_underlay(route(vif->vrf, key->family, key->destination)))
        return 0;
    if (!list || !list->count)
        return !(flow->flags & FLOW_NAT);
    w.at.vif = key->vif;
    w.at.version = list->version;
    if (flow->flags & FLOW_NAT_SOURCE) {
        bpf_loop(list->count, try_same, &w, 0);
        return w.best;
    }
    if (flow->flags & FLOW_FROM_GUEST)
        return route(vif->vrf, key->family, key->destination) != NULL;
    fresh.flags &= ~FLOW_NAT;
    w.flow = &fresh;
    bpf_loop(list->count, try_inbound, &w, 0);
    if (w.reason || fresh.flags != flow->flags)
        return 0;
    if (!(flow->flags & FLOW_NAT))
        return 1;
    flow->nat_acl = fresh.nat_acl;
    return same_address(fresh.nat_address, flow->nat_address) &&
           fresh.nat_port == flow->nat_port && fresh.nat_vrf == flow->nat_vrf;
}

static __always_inline void underlay_key(struct flow_key *to, const struct flow_value *flow)
{
    if (flow->flags & FLOW_NAT_SOURCE) {
        to->source[0] = flow->nat_address[0];
        to->source_port = flow->nat_port;
        if (flow->nat_address[1])
            to->destination[0] = flow->nat_address[1];
    } else {
        to->destination[0] = flow->nat_address[0];
        to->destination_port = flow->nat_port;
        if (flow->nat_address[1])
            to->source[0] = flow->nat_address[1];
    }
}

/* The key of a flow's packets as they are after translation. */
static __always_inline void translated_key(struct flow_key *to, const struct flow_key *key,
                                           const struct flow_value *flow)
{
    *to = *key;
    if (flow->flags & FLOW_SERVICE) {
        to->source[0] = flow->nat_address[0];
        to->destination[0] = flow->nat_address[1];
        if (flow->flags & FLOW_FROM_GUEST)
            to->destination_port = flow->nat_port;
        else
            to->source_port = flow->nat_port;
        return;
    }
    if (flow->flags & FLOW_UNDERLAY) {
        underlay_key(to, flow);
        return;
    }
    if (flow->flags & FLOW_NAT_SOURCE) {
        copy_address(to->source, flow->nat_address);
        to->source_port = flow->nat_port;
    }
    if (flow->flags & FLOW_NAT_DESTINATION) {
        copy_address(to->destination, flow->nat_address);
        to->destination_port = flow->nat_port;
    }
}

/* Makes of the entry under `key` the one of the other direction, and back again. */
static __always_inline void flow_turn(struct flow_value *flow, const struct flow_key *key)
{
    __u8 nat = flow->flags & FLOW_NAT, length = flow->source_length;
    __be32 far = flow->flags & FLOW_UNDERLAY ? flow->nat_address[1] : 0;

    flow->source_length = flow->destination_length;
    flow->destination_length = length;
    if (flow->flags & FLOW_SERVICE) {
        flow->nat_port = flow->flags & FLOW_FROM_GUEST ? key->destination_port : key->source_port;
        flow->nat_address[0] = key->destination[0];
        flow->nat_address[1] = key->source[0];
    }
    flow->flags ^= FLOW_FORWARD | FLOW_FROM_GUEST | (nat ? FLOW_NAT : 0);
    if (nat == FLOW_NAT_SOURCE) {
        copy_address(flow->nat_address, key->source);
        flow->nat_port = key->source_port;
    } else if (nat) {
        copy_address(flow->nat_address, key->destination);
        flow->nat_port = key->destination_port;
    }
    if (far)
        flow->nat_address[1] = nat == FLOW_NAT_SOURCE ? key->destination[0] : key->source[0];
}
