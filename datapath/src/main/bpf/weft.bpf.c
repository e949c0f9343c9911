/* The programs: from a guest, from the underlay, from the agent, from sockets of this host. */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "arp.h"
#include "learn.h"
#include "nd.h"
#include "output.h"
#include "tunnel_in.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define PORT_DHCP_SERVER 67
#define PORT_DHCP_CLIENT 68
#define PORT_DHCP6_SERVER 547
#define PORT_DHCP6_CLIENT 546

static __always_inline int is_dhcp_request(const struct packet *p)
{
    const struct flow_key *key = &p->key;

    if (key->protocol != IPPROTO_UDP || p->fragment == FRAGMENT_LATER)
        return 0;
    if (key->family == FAMILY_IPV4)
        return key->source_port == PORT_DHCP_CLIENT && key->destination_port == PORT_DHCP_SERVER;
    return key->source_port == PORT_DHCP6_CLIENT && key->destination_port == PORT_DHCP6_SERVER;
}

/* By IP if the frame is for the gateway, else by MAC. */
STAGE lookup(struct packet *p, const struct vif_value *vif)
{
    if (!p || !vif)
        return DROP_L2_NO_ROUTE;

    int gateway = mac_equals(p->eth.h_dest, GATEWAY_MAC);

    if (gateway)
        return vif->flags & VIF_ROUTED ? l3_lookup(p) : DROP_L2_NO_ROUTE;
    if (vif->flags & VIF_BRIDGED)
        return l2_lookup(p);
    if ((vif->flags & VIF_ROUTED) && !is_group(p->eth.h_dest))
        return l3_lookup(p);
    return DROP_L2_NO_ROUTE;
}

/* What ARP makes of the frame; -1 if it goes on as any other that is bridged. */
static __noinline int arp_frame(struct __sk_buff *skb, struct packet *p,
                                const struct vif_value *vif)
{
    __u32 reason = DROP_NONE;

    switch (arp_from_guest(skb, p, vif, &reason)) {
    case ARP_ANSWERED:
        count_tx(skb, p->vif);
        return leave(skb, vif);
    case ARP_REFUSED:
        return drop(p->vif, reason);
    case ARP_TOLD:
        return trap(skb, p->vif, TRAP_ARP);
    case ARP_CLAIM:
        show(skb, p->vif, TRAP_ARP);
        break;
    default:
        break;
    }
    if (!(vif->flags & VIF_BRIDGED) || l2_lookup(p))
        return drop(p->vif, DROP_ARP_NOT_ANSWERED);
    return -1;
}

/* What neighbour discovery makes of the frame; -1 if it goes on as any. */
static __noinline int nd_frame(struct __sk_buff *skb, struct packet *p,
                               const struct vif_value *vif)
{
    __u32 reason = DROP_NONE;

    switch (nd_from_guest(skb, p, vif, &reason)) {
    case ND_ANSWERED:
        count_tx(skb, p->vif);
        return leave(skb, vif);
    case ND_TRAP:
        return trap(skb, p->vif, TRAP_ROUTER_SOLICITATION);
    case ND_REFUSED:
        return drop(p->vif, reason);
    case ND_CLAIM:
        show(skb, p->vif, TRAP_ARP);
        return -1;
    default:
        return -1;
    }
}

static __always_inline int from_guest(struct __sk_buff *skb, __u32 id)
{
    struct vif_value *vif = bpf_map_lookup_elem(&vifs, &id);
    struct packet *p = fresh_packet();
    int bad;

    if (!vif || vif->kind != VIF_VIRTUAL || !p)
        return drop(0, DROP_NO_VIF);
    p->vif = id;
    p->vrf = vif->vrf;
    p->key.vif = id;
    count_rx(skb, id);
    bad = parse(skb, p);
    if (bad)
        return drop(id, bad);
    if ((vif->flags & VIF_DHCP) && is_dhcp_request(p) &&
        mac_equals(p->eth.h_source, vif->mac))
        return trap(skb, id, TRAP_DHCP);
    if (!source_allowed(p, id, vif))
        return drop(id, DROP_INVALID_SOURCE);
    if ((vif->flags & VIF_LEARN) && !mac_equals(p->eth.h_source, vif->mac)) {
        bad = learn(skb, p, vif);
        if (bad)
            return drop(id, bad);
    }
    if (!p->key.family) {
        bad = arp_frame(skb, p, vif);
        return bad >= 0 ? bad : output(skb, p);
    }
    if (is_neighbour_discovery(p)) {
        bad = nd_frame(skb, p, vif);
        if (bad >= 0)
            return bad;
    }
    if (!is_group(p->eth.h_dest)) {
        bad = judge(skb, p, vif, 1);
        if (bad)
            return drop(id, bad);
    }
    if (p->service)
        return to_host(skb);
    if (p->outward)
        return to_outside(skb, p);
    bad = p->translated ? l3_lookup(p) : lookup(p, vif);
    if (bad)
        return drop(id, bad);
    return output(skb, p);
}

SEC("tc")
int vif_rx(struct __sk_buff *skb)
{
    __u32 ifindex = skb->ifindex, *id = bpf_map_lookup_elem(&devices, &ifindex), vif;

    if (!id)
        return drop(0, DROP_NO_VIF);
    vif = *id;
    if (skb->vlan_present) {
        vif = untag(skb, vif);
        if (!vif)
            return fresh_packet() ? drop(*id, DROP_NO_SUB_INTERFACE) : TC_ACT_SHOT;
    }
    return from_guest(skb, vif);
}

/* A bridge's frame to the gateway's MAC, or to this router's own, is routed in the bridge's VRF. */
static __always_inline int bridge_from_fabric(struct packet *p, __u32 vrf)
{
    struct config *c = config();
    int routed = mac_equals(p->eth.h_dest, GATEWAY_MAC) ||
                 (c && mac_equals(p->eth.h_dest, c->router_mac));

    p->vrf = vrf;
    return p->key.family && routed ? l3_lookup(p) : l2_lookup(p);
}

static __noinline int from_tunnel(struct __sk_buff *skb, const struct tunnel *t)
{
    struct next_hop_value *nh = bpf_map_lookup_elem(&next_hops, &t->next_hop);
    struct packet *p = fresh_packet();
    int l2, bad;

    if (!nh || !p)
        return drop(0, DROP_INVALID_NEXT_HOP);
    p->from_fabric = 1;
    p->next_hop = t->next_hop;
    l2 = nh->type == NH_ENCAP_L2 || nh->type == NH_BRIDGE || nh->type == NH_FLOOD ||
         nh->type == NH_TREE;
    bad = decapsulate(skb, p, nh->type == NH_TREE ? branch_payload(skb, t) : t->payload, l2,
                      nh->type == NH_ENCAP_L3);
    if (!bad)
        bad = parse_payload(skb, p);
    if (!bad && nh->type == NH_BRIDGE)
        bad = bridge_from_fabric(p, nh->target);
    if (bad)
        return drop(0, bad);
    if (nh->type == NH_ENCAP_L3 && p->key.family) {
        p->routed = 1;
        return to_vif(skb, p, nh->target);
    }
    return output(skb, p);
}

/*
 * What answers a guest that has spoken to the underlay by this host's address; all else is the
 * host's own.
 */
static __noinline int from_outside(struct __sk_buff *skb)
{
    struct packet *p = fresh_packet();
    struct config *c = config();
    struct bound_port_key at = {};
    struct bound_port_value *bound;
    struct flow_key key;
    struct flow_value *flow;

    if (!p || !c || !c->underlay || parse(skb, p) || p->key.family != FAMILY_IPV4 ||
        p->key.destination[0] != c->fabric_address ||
        (p->fragment != WHOLE && fragment_ports(p)))
        return TC_ACT_OK;
    key = p->key;
    if (p->related) {
        copy_address(key.source, p->quoted.source);
        copy_address(key.destination, p->quoted.destination);
        key.source_port = p->quoted.source_port;
        key.destination_port = p->quoted.destination_port;
        key.protocol = p->quoted.protocol;
    }
    key.vif = bgp_guest(&key);
    if (!key.vif) {
        at.port = key.destination_port;
        at.protocol = key.protocol;
        bound = bpf_map_lookup_elem(&bound_ports, &at);
        if (!bound)
            return TC_ACT_OK;
        key.vif = bound->vif;
    }
    flow = bpf_map_lookup_elem(&flows, &key);
    if (!flow || !(flow->flags & FLOW_UNDERLAY) || (flow->flags & FLOW_FROM_GUEST))
        return TC_ACT_OK;
    p->routed = 1;
    return to_vif(skb, p, key.vif);
}

SEC("tc")
int fabric_rx(struct __sk_buff *skb)
{
    struct tunnel t = {};

    switch (tunnel_read(skb, &t)) {
    case TUNNEL_OPEN:
        return from_tunnel(skb, &t);
    case TUNNEL_BAD:
        return fresh_packet() ? drop(0, t.reason) : TC_ACT_SHOT;
    case TUNNEL_ECHO:
        return echo(skb);
    default:
        return from_outside(skb);
    }
}

/* A flooded copy, on its way to the one member that its mark names. */
static __noinline int flooded_copy(struct __sk_buff *skb, __u32 mark)
{
    struct packet *p = fresh_packet();
    struct member_key at = {
        .next_hop = mark >> MARK_INDEX_BITS,
        .index = mark & ((1 << MARK_INDEX_BITS) - 1),
    };
    struct next_hop_value *nh = bpf_map_lookup_elem(&next_hops, &at.next_hop);
    struct hop_value *hop;
    int bad;

    if (!nh || !p)
        return drop(0, DROP_INVALID_NEXT_HOP);
    p->flooded = 1;
    at.version = nh->target;
    hop = bpf_map_lookup_elem(&members, &at);
    if (!hop)
        return drop(0, DROP_INVALID_NEXT_HOP);
    bad = parse(skb, p);
    if (bad)
        return drop(0, bad);
    p->next_hop = hop->next_hop;
    p->label = hop->label;
    return output(skb, p);
}

/* A frame that the agent wrote: for a guest, or as if from one. */
static __noinline int agent_frame(struct __sk_buff *skb)
{
    struct agent_trailer trailer;
    struct vif_value *vif;
    __u32 length = skb->len, id;

    if (length < ETH_HLEN + sizeof(trailer) ||
        bpf_skb_load_bytes(skb, length - sizeof(trailer), &trailer, sizeof(trailer)) < 0 ||
        trailer.magic != bpf_htonl(AGENT_MAGIC) ||
        bpf_skb_change_tail(skb, length - sizeof(trailer), 0))
        return drop(0, DROP_INVALID_PACKET);
    id = bpf_ntohs(trailer.vif);
    if (trailer.operation == bpf_htons(AGENT_INJECT))
        return from_guest(skb, id);
    vif = bpf_map_lookup_elem(&vifs, &id);
    if (!vif)
        return drop(0, DROP_NO_VIF);
    count_tx(skb, id);
    return leave(skb, vif);
}

SEC("tc")
int agent_rx(struct __sk_buff *skb)
{
    __u32 mark = skb->mark;
    struct config *c = config();

    skb->mark = 0;
    if (!mark)
        return agent_frame(skb);
    if (mark == MARK_ENCAPSULATED)
        return c ? bpf_redirect_neigh(c->fabric_ifindex, NULL, 0, 0) : TC_ACT_SHOT;
    if (mark == MARK_TO_HOST) {
        bpf_skb_change_type(skb, PACKET_HOST);
        return TC_ACT_OK;
    }
    return flooded_copy(skb, mark);
}

/* What a socket of this host says to a guest. Others have no business here. */
static __noinline int from_host(struct __sk_buff *skb, struct packet *p)
{
    struct vif_value *vif;
    struct flow_value *flow;
    struct ethhdr eth = {.h_proto = bpf_htons(ETH_P_IP)};
    __u32 to, id;
    int bad;

    if (parse(skb, p) || p->key.family != FAMILY_IPV4)
        return TC_ACT_OK;
    to = bpf_ntohl(p->key.destination[0]);
    if ((to & SERVICE_GUESTS_MASK) != SERVICE_GUESTS)
        return TC_ACT_OK;
    id = to & ~SERVICE_GUESTS_MASK;
    p->key.vif = id;
    vif = bpf_map_lookup_elem(&vifs, &id);
    if (!vif || vif->kind != VIF_VIRTUAL)
        return drop(0, DROP_NO_VIF);
    flow = bpf_map_lookup_elem(&flows, &p->key);
    if (!flow || !(flow->flags & FLOW_SERVICE) || (flow->flags & FLOW_FROM_GUEST))
        return drop(id, DROP_FLOW_INVALID);
    flow_note(skb, p, flow);
    bad = translate(skb, p, flow);
    if (bad)
        return drop(id, bad);
    mac_copy(eth.h_dest, vif->mac);
    mac_copy(eth.h_source, GATEWAY_MAC);
    if (bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0))
        return drop(id, DROP_REWRITE_FAILED);
    count_tx(skb, id);
    return leave(skb, vif);
}

SEC("tc")
int host_rx(struct __sk_buff *skb)
{
    struct packet *p = fresh_packet();

    return p ? from_host(skb, p) : TC_ACT_SHOT;
}
