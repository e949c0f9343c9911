/* Flows: the verdict on a connection at one vif, made at its first packet. */
#pragma once
#include <linux/errno.h>
#include "acl.h"
#include "packet.h"

static __always_inline void reverse_key(struct flow_key *reverse, const struct flow_key *key)
{
    __builtin_memcpy(reverse->source, key->destination, sizeof(reverse->source));
    __builtin_memcpy(reverse->destination, key->source, sizeof(reverse->destination));
    reverse->vif = key->vif;
    reverse->source_port = key->destination_port;
    reverse->destination_port = key->source_port;
    reverse->family = key->family;
    reverse->protocol = key->protocol;
    reverse->pad[0] = 0;
    reverse->pad[1] = 0;
}

/* The verdict on packets of `key`, as the one who begins: network policy, then security groups. */
STAGE evaluate(struct flow_key *key, const struct vif_value *vif, struct flow_value *flow)
{
    if (!key || !vif || !flow)
        return 0;

    struct question q = {.key = key, .icmp_type = flow->icmp_type};
    int from_guest = flow->flags & FLOW_FROM_GUEST;
    __u32 group_acl = from_guest ? vif->egress_acl : vif->ingress_acl;

    flow->generation = vif->generation;
    flow->reason = DROP_NONE;
    flow->acl = 0;
    flow->rule = -1;
    if (!vif->network_acl && !group_acl)
        return 0;
    identify(&q.source, vif->vrf, key->family, key->source);
    identify(&q.destination, vif->vrf, key->family, key->destination);
    if (vif->network_acl) {
        if (ask(&q, vif->network_acl))
            flow->reason = q.matched ? DROP_POLICY : DROP_POLICY_NO_MATCH;
        flow->acl = vif->network_acl;
        flow->rule = q.rule;
    }
    if (flow->reason == DROP_NONE && group_acl) {
        if (ask(&q, group_acl))
            flow->reason = from_guest ? DROP_SECURITY_GROUP_OUT : DROP_SECURITY_GROUP_IN;
        flow->acl = group_acl;
        flow->rule = q.rule;
    }
    return 0;
}

/*
 * Makes both entries. The reverse one goes in first: once the packet is on its way its answer finds
 * it. Another CPU may have been faster; then its entries stay.
 */
static __always_inline int flow_create(struct flow_key *key, const struct vif_value *vif,
                                  struct flow_value *flow)
{
    struct vif_state *state = bpf_map_lookup_elem(&vif_states, &key->vif);
    struct config *c = config();
    struct flow_key reverse;
    long error;

    if (!state || !c)
        return DROP_NO_VIF;
    evaluate(key, vif, flow);
    if (__sync_fetch_and_add(&state->flows, 2) + 2 > c->flow_quota) {
        __sync_fetch_and_add(&state->flows, -2);
        return DROP_FLOW_QUOTA;
    }
    reverse_key(&reverse, key);
    flow->flags ^= FLOW_FORWARD | FLOW_FROM_GUEST;
    error = bpf_map_update_elem(&flows, &reverse, flow, BPF_NOEXIST);
    flow->flags ^= FLOW_FORWARD | FLOW_FROM_GUEST;
    if (error)
        __sync_fetch_and_add(&state->flows, -1);
    if (error && error != -EEXIST) {
        __sync_fetch_and_add(&state->flows, -1);
        return DROP_FLOW_TABLE_FULL;
    }
    if (!bpf_map_update_elem(&flows, key, flow, BPF_NOEXIST))
        return DROP_NONE;
    __sync_fetch_and_add(&state->flows, -1);
    if (bpf_map_lookup_elem(&flows, key))
        return DROP_NONE;
    if (!error && !bpf_map_delete_elem(&flows, &reverse))
        __sync_fetch_and_add(&state->flows, -1);
    return DROP_FLOW_TABLE_FULL;
}

/* Takes the verdict of `judged` into an entry in place. */
static __always_inline void flow_take(struct flow_value *flow, const struct flow_value *judged)
{
    flow->reason = judged->reason;
    flow->acl = judged->acl;
    flow->rule = judged->rule;
    flow->generation = judged->generation;
}

/* Judges an existing flow again, in the sense of the packet that made it, and both its entries. */
static __always_inline int flow_rejudge(struct flow_key *key, const struct vif_value *vif,
                                   struct flow_value *flow)
{
    struct flow_value judged = {.flags = flow->flags, .icmp_type = flow->icmp_type};
    struct flow_key reverse;
    struct flow_value *other;

    reverse_key(&reverse, key);
    if (flow->flags & FLOW_FORWARD) {
        evaluate(key, vif, &judged);
    } else {
        judged.flags ^= FLOW_FORWARD | FLOW_FROM_GUEST;
        evaluate(&reverse, vif, &judged);
    }
    flow_take(flow, &judged);
    other = bpf_map_lookup_elem(&flows, &reverse);
    if (other)
        flow_take(other, &judged);
    return 0;
}

/* Later fragments have no ports: the first one's are kept for them. */
static __always_inline int fragment_ports(struct packet *p)
{
    struct fragment_key key = {
        .vif = p->key.vif,
        .source = p->key.source[0],
        .destination = p->key.destination[0],
        .id = p->fragment_id,
        .protocol = p->key.protocol,
    };
    struct fragment_value ports = {p->key.source_port, p->key.destination_port}, *first;

    if (p->fragment == FRAGMENT_FIRST) {
        bpf_map_update_elem(&fragments, &key, &ports, BPF_ANY);
        return DROP_NONE;
    }
    first = bpf_map_lookup_elem(&fragments, &key);
    if (!first)
        return DROP_FRAGMENT_NO_HEAD;
    p->key.source_port = first->source_port;
    p->key.destination_port = first->destination_port;
    return DROP_NONE;
}

static __always_inline int flow_count(struct __sk_buff *skb, struct flow_value *flow)
{
    __sync_fetch_and_add(&flow->packets, 1);
    __sync_fetch_and_add(&flow->bytes, skb->len);
    flow->last_ns = bpf_ktime_get_ns();
    return flow->reason;
}

/* An ICMP error passes with the flow that it is about; without one there is nothing to tell. */
static __noinline int judge_related(struct __sk_buff *skb, const struct packet *p)
{
    struct flow_key key = {
        .vif = p->key.vif,
        .source = {p->quoted.source},
        .destination = {p->quoted.destination},
        .source_port = p->quoted.source_port,
        .destination_port = p->quoted.destination_port,
        .family = FAMILY_IPV4,
        .protocol = p->quoted.protocol,
    };
    struct flow_value *flow = bpf_map_lookup_elem(&flows, &key);

    return flow ? flow_count(skb, flow) : DROP_FLOW_INVALID;
}

/* Neighbour discovery is how hosts find each other, as ARP is: it is not judged. */
static __always_inline int is_neighbour_discovery(const struct packet *p)
{
    return p->key.protocol == IPPROTO_ICMPV6 && p->icmp_type >= 133 && p->icmp_type <= 137;
}

/*
 * Judges the packet at vif `p->key.vif`, which it leaves from (`from_guest`) or is sent to.
 * DROP_NONE lets it pass.
 */
STAGE judge(struct __sk_buff *skb, struct packet *p, const struct vif_value *vif, int from_guest)
{
    if (!p || !vif)
        return DROP_FLOW_INVALID;

    struct flow_value made = {
        .flags = FLOW_FORWARD | (from_guest ? FLOW_FROM_GUEST : 0),
        .icmp_type = p->icmp_type,
    };
    struct flow_value *flow;
    int bad;

    if (!(vif->flags & VIF_POLICY) || !p->key.family || is_neighbour_discovery(p))
        return DROP_NONE;
    if (p->related)
        return judge_related(skb, p);
    if (p->fragment != WHOLE) {
        bad = fragment_ports(p);
        if (bad)
            return bad;
    }
    flow = bpf_map_lookup_elem(&flows, &p->key);
    if (!flow) {
        bad = flow_create(&p->key, vif, &made);
        if (bad)
            return bad;
        flow = bpf_map_lookup_elem(&flows, &p->key);
        if (!flow)
            return DROP_FLOW_INVALID;
    } else if (flow->generation != vif->generation) {
        flow_rejudge(&p->key, vif, flow);
    }
    return flow_count(skb, flow);
}
