/* Flows: the verdict on a connection at one vif, made at its first packet. */
#pragma once
#include <linux/errno.h>
#include "acl.h"
#include "fat.h"
#include "packet.h"
#include "translate.h"

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

/* What does not fit the stack; a program is alone on its CPU while it judges. */
struct flow_scratch {
    struct flow_value made;
    struct flow_key reverse;
    struct flow_key translated;
    struct flow_key asked; /* what rules see of it */
    struct flow_key who;   /* whose network and groups they ask */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct flow_scratch);
} scratch SEC(".maps");

static __always_inline struct flow_scratch *flow_scratch(void)
{
    __u32 zero = 0;

    return bpf_map_lookup_elem(&scratch, &zero);
}

/*
 * The verdict on packets of `key`, as the one who begins: network policy, then security groups. Of
 * a translated flow, policy is that of the floating address's network and sees that address, and
 * the groups see the guest's own; what goes to the underlay is seen as the guest sends it. Of a shared flow rules see what its key has, and who the packet at
 * hand is.
 */
STAGE evaluate(struct flow_key *key, const struct vif_value *vif, struct flow_value *flow)
{
    struct flow_scratch *s = flow_scratch();
    struct shared_flow *shared = shared_flow();

    if (!key || !vif || !flow || !s || !shared)
        return 0;

    struct question q = {.key = &s->asked, .icmp_type = flow->icmp_type};
    int from_guest = flow->flags & FLOW_FROM_GUEST;
    int nat = (flow->flags & FLOW_NAT) && !(flow->flags & FLOW_UNDERLAY);
    __u32 group_acl = from_guest ? vif->egress_acl : vif->ingress_acl;
    __u32 network_acl = nat ? flow->nat_acl : vif->network_acl;
    __u32 vrf = nat ? flow->nat_vrf : vif->vrf;

    flow->generation = vif->generation;
    flow->reason = DROP_NONE;
    flow->acl = 0;
    flow->rule = -1;
    if (!(vif->flags & VIF_POLICY) || (flow->flags & (FLOW_SERVICE | FLOW_OWN)) ||
        (!network_acl && !group_acl))
        return 0;
    translated_key(&s->translated, key, flow);
    s->asked = nat && from_guest ? s->translated : *key;
    s->who = flow->flags & FLOW_SHARED ? shared->who : s->asked;
    identify(&q.source, vrf, key->family, s->who.source);
    identify(&q.destination, vrf, key->family, s->who.destination);
    if (network_acl) {
        if (ask(&q, network_acl))
            flow->reason = q.matched ? DROP_POLICY : DROP_POLICY_NO_MATCH;
        flow->acl = network_acl;
        flow->rule = q.rule;
    }
    if (flow->reason == DROP_NONE && group_acl) {
        s->asked = nat && !from_guest ? s->translated : *key;
        if (ask(&q, group_acl))
            flow->reason = from_guest ? DROP_SECURITY_GROUP_OUT : DROP_SECURITY_GROUP_IN;
        flow->acl = group_acl;
        flow->rule = q.rule;
    }
    return 0;
}

static __always_inline void reverse_of(struct flow_key *reverse, struct flow_scratch *s,
                                       const struct flow_key *key, const struct flow_value *flow)
{
    translated_key(&s->translated, key, flow);
    reverse_key(reverse, &s->translated);
}

/* Another CPU may have made the same; another flow with the same key is in the way. */
static __always_inline int same_flow(const struct flow_value *there, const struct flow_value *flow)
{
    return there && (there->flags & FLOW_TRANSLATED) == (flow->flags & FLOW_TRANSLATED) &&
           (!(flow->flags & FLOW_TRANSLATED) ||
            (same_address(there->nat_address, flow->nat_address) &&
             there->nat_port == flow->nat_port && there->nat_vrf == flow->nat_vrf));
}

/*
 * Makes both entries. The reverse one goes in first: once the packet is on its way its answer finds
 * it. Another CPU may have been faster; then its entries stay.
 */
static __always_inline int flow_create(struct flow_key *key, const struct vif_value *vif,
                                       struct flow_scratch *s)
{
    struct vif_state *state = bpf_map_lookup_elem(&vif_states, &key->vif);
    struct config *c = config();
    struct flow_value *flow = &s->made;
    long error, same;
    __u32 quota;

    if (!state || !c)
        return DROP_NO_VIF;
    quota = vif->max_flows && vif->max_flows < c->flow_quota ? vif->max_flows : c->flow_quota;
    evaluate(key, vif, flow);
    if (__sync_fetch_and_add(&state->flows, 2) + 2 > quota) {
        __sync_fetch_and_add(&state->flows, -2);
        return DROP_FLOW_QUOTA;
    }
    reverse_of(&s->reverse, s, key, flow);
    flow_turn(flow, key);
    error = bpf_map_update_elem(&flows, &s->reverse, flow, BPF_NOEXIST);
    same = error != -EEXIST || same_flow(bpf_map_lookup_elem(&flows, &s->reverse), flow);
    flow_turn(flow, &s->reverse);
    if (error)
        __sync_fetch_and_add(&state->flows, -1);
    if (!same || (error && error != -EEXIST)) {
        __sync_fetch_and_add(&state->flows, -1);
        return same ? DROP_FLOW_TABLE_FULL : DROP_NAT_CONFLICT;
    }
    if (!bpf_map_update_elem(&flows, key, flow, BPF_NOEXIST))
        return DROP_NONE;
    __sync_fetch_and_add(&state->flows, -1);
    if (bpf_map_lookup_elem(&flows, key))
        return DROP_NONE;
    if (!error && !bpf_map_delete_elem(&flows, &s->reverse))
        __sync_fetch_and_add(&state->flows, -1);
    return DROP_FLOW_TABLE_FULL;
}

static __always_inline void swap_addresses(struct flow_key *key)
{
    __be32 source[4];

    copy_address(source, key->source);
    copy_address(key->source, key->destination);
    copy_address(key->destination, source);
}

/* Who the packet at hand is, in the sense of the one that made its shared flow. */
static __always_inline void turn_shared(const struct flow_value *flow)
{
    struct shared_flow *shared = shared_flow();

    if (!shared || !(flow->flags & FLOW_SHARED))
        return;
    swap_addresses(&shared->who);
}

/* Takes the verdict of `judged` into an entry in place. */
static __always_inline void flow_take(struct flow_value *flow, const struct flow_value *judged)
{
    flow->reason = judged->reason;
    flow->acl = judged->acl;
    flow->rule = judged->rule;
    flow->generation = judged->generation;
    flow->nat_acl = judged->nat_acl;
}

static __noinline int flow_forget(struct flow_key *key, struct flow_key *reverse)
{
    struct vif_state *state = bpf_map_lookup_elem(&vif_states, &key->vif);

    if (!state)
        return 0;
    if (!bpf_map_delete_elem(&flows, key))
        __sync_fetch_and_add(&state->flows, -1);
    if (!bpf_map_delete_elem(&flows, reverse))
        __sync_fetch_and_add(&state->flows, -1);
    return 0;
}

/*
 * Judges an existing flow again, in the sense of the packet that made it, and both its entries.
 * False if the flow is gone, as its translation does not hold any more.
 */
static __always_inline int flow_rejudge(struct flow_key *key, const struct vif_value *vif,
                                   struct flow_value *flow, struct flow_scratch *s)
{
    struct flow_value *judged = &s->made, *other;
    struct flow_key *reverse = &s->reverse;
    int forward = flow->flags & FLOW_FORWARD, holds;

    *judged = *flow;
    reverse_of(reverse, s, key, flow);
    if (!forward) {
        flow_turn(judged, key);
        turn_shared(judged);
    }
    holds = forward ? nat_holds(key, vif, judged) : nat_holds(reverse, vif, judged);
    if (!holds) {
        flow_forget(key, reverse);
        return 0;
    }
    if (forward)
        evaluate(key, vif, judged);
    else
        evaluate(reverse, vif, judged);
    flow_take(flow, judged);
    other = bpf_map_lookup_elem(&flows, reverse);
    if (other)
        flow_take(other, judged);
    return 1;
}

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct fragment_key);
} fragment_keys SEC(".maps");

/* Later fragments have no ports: the first one's are kept for them. */
STAGE fragment_ports(struct packet *p)
{
    __u32 zero = 0;
    struct fragment_key *key = bpf_map_lookup_elem(&fragment_keys, &zero);
    struct fragment_value *first;

    if (!p || !key)
        return DROP_FRAGMENT_NO_HEAD;
    key->vif = p->key.vif;
    copy_address(key->source, p->key.source);
    copy_address(key->destination, p->key.destination);
    key->id = p->fragment_id;
    key->protocol = p->key.family == FAMILY_IPV4 ? p->key.protocol : 0;
    if (p->fragment == FRAGMENT_FIRST) {
        struct fragment_value ports = {
            .source_port = p->key.source_port,
            .destination_port = p->key.destination_port,
            .protocol = p->key.protocol,
        };

        bpf_map_update_elem(&fragments, key, &ports, BPF_ANY);
        return DROP_NONE;
    }
    first = bpf_map_lookup_elem(&fragments, key);
    if (!first)
        return DROP_FRAGMENT_NO_HEAD;
    p->key.protocol = first->protocol;
    p->key.source_port = first->source_port;
    p->key.destination_port = first->destination_port;
    return DROP_NONE;
}

static __always_inline int flow_count(struct __sk_buff *skb, struct flow_value *flow)
{
    __sync_fetch_and_add(&flow->packets, 1);
    __sync_fetch_and_add(&flow->bytes, skb->len);
    flow->last_ns = bpf_ktime_get_coarse_ns();
    return flow->reason;
}

/*
 * Counts the packet and what TCP says of its connection, which a SYN begins anew. A shared flow does
 * not end with one of its connections.
 */
static __always_inline int flow_note(struct __sk_buff *skb, const struct packet *p,
                                     struct flow_value *flow)
{
    __u8 seen = p->tcp & TCP_SYN ? p->tcp : flow->tcp | p->tcp;

    if (seen != flow->tcp && !(flow->flags & FLOW_SHARED))
        flow->tcp = seen;
    return flow_count(skb, flow);
}

/* An ICMP error passes with the flow that it is about; without one there is nothing to tell. */
static __always_inline int judge_related(struct __sk_buff *skb, struct packet *p,
                                         struct flow_scratch *s, int from_guest)
{
    struct flow_key *key = &s->asked;
    struct shared_flow *shared = shared_flow();
    struct flow_value *flow;
    int bad;

    __builtin_memset(key, 0, sizeof(*key));
    key->vif = p->key.vif;
    key->source_port = p->quoted.source_port;
    key->destination_port = p->quoted.destination_port;
    key->family = p->key.family;
    key->protocol = p->quoted.protocol;
    copy_address(key->source, p->quoted.source);
    copy_address(key->destination, p->quoted.destination);
    flow = bpf_map_lookup_elem(&flows, key);
    if (!flow && shared && share_flow(key, from_guest))
        flow = bpf_map_lookup_elem(&flows, &shared->key);
    bad = flow ? flow_count(skb, flow) : DROP_FLOW_INVALID;

    return bad || !(flow->flags & FLOW_TRANSLATED) ? bad : translate(skb, p, flow);
}

/* Neighbour discovery is how hosts find each other, as ARP is: it is not judged. */
static __always_inline int is_neighbour_discovery(const struct packet *p)
{
    return p->key.protocol == IPPROTO_ICMPV6 && p->icmp_type >= 133 && p->icmp_type <= 137;
}

/* Finds a flow, judged again if it must be; NULL if there is none that holds. */
static __always_inline struct flow_value *flow_find(struct flow_key *key,
                                                    const struct vif_value *vif,
                                                    struct flow_scratch *s)
{
    struct flow_value *flow = bpf_map_lookup_elem(&flows, key);

    if (flow && flow->generation != vif->generation && !flow_rejudge(key, vif, flow, s))
        return NULL;
    return flow;
}

static __always_inline int reaches_underlay(void)
{
    struct config *c = config();

    return c && c->underlay;
}

/* Whether a packet of a shared flow may yet want one of its own, for its translation. */
static __always_inline int may_be_translated(const struct flow_key *key, int sharing)
{
    return may_be_service(key) ||
           (sharing == SHARES_ADDRESSES && (has_floating(key->vif) || reaches_underlay()));
}

/*
 * A guest that begins a session anew has the old one's port at the control node: that one's flow
 * goes, which nobody may ever have closed.
 */
STAGE bgp_anew(const struct flow_key *key)
{
    struct flow_scratch *s = flow_scratch();
    struct flow_value *there;

    if (!key || !s)
        return 0;
    reverse_of(&s->reverse, s, key, &s->made);
    there = bpf_map_lookup_elem(&flows, &s->reverse);
    if (!there)
        return 0;
    s->asked = *key;
    s->asked.source[0] = there->nat_address[0];
    s->asked.source_port = there->nat_port;
    s->asked.destination[0] = there->nat_address[1];
    return flow_forget(&s->asked, &s->reverse);
}

static __always_inline int flow_made(struct flow_key *key, const struct vif_value *vif,
                                     struct flow_scratch *s, struct flow_value **flow)
{
    int bad = flow_create(key, vif, s);

    if (bad)
        return bad;
    *flow = bpf_map_lookup_elem(&flows, key);
    return *flow ? DROP_NONE : DROP_FLOW_INVALID;
}

/* Of a packet that has no flow of its own: one that it shares, or a new one. */
static __always_inline int flow_for(struct packet *p, const struct vif_value *vif,
                                    struct flow_scratch *s, int from_guest,
                                    struct flow_value **flow)
{
    struct shared_flow *shared = shared_flow();
    int sharing = share_flow(&p->key, from_guest), bad;

    if (!shared)
        return DROP_FLOW_INVALID;
    if (sharing && !may_be_translated(&p->key, sharing)) {
        *flow = flow_find(&shared->key, vif, s);
        if (*flow)
            return DROP_NONE;
    }
    __builtin_memset(&s->made, 0, sizeof(s->made));
    s->made.flags = FLOW_FORWARD | (from_guest ? FLOW_FROM_GUEST : 0);
    s->made.icmp_type = p->icmp_type;
    bad = choose_nat(&p->key, vif, &s->made, mac_equals(p->eth.h_dest, GATEWAY_MAC));
    if (bad)
        return bad;
    if (is_bgp_flow(&s->made))
        bgp_anew(&p->key);
    if (!sharing || (s->made.flags & FLOW_TRANSLATED))
        return flow_made(&p->key, vif, s, flow);
    s->made.flags |= FLOW_SHARED;
    s->made.source_length = shared->source_length;
    s->made.destination_length = shared->destination_length;
    return flow_made(&shared->key, vif, s, flow);
}

/*
 * Judges the packet at vif `p->key.vif`, which it leaves from (`from_guest`) or is sent to.
 * DROP_NONE lets it pass.
 */
STAGE judge(struct __sk_buff *skb, struct packet *p, const struct vif_value *vif, int from_guest)
{
    struct flow_scratch *s = flow_scratch();
    struct flow_value *flow;
    int bad;

    p = p ? this_packet() : NULL;
    if (!p || !vif || !s)
        return DROP_FLOW_INVALID;
    if (!p->key.family || is_neighbour_discovery(p) ||
        (!(vif->flags & VIF_POLICY) && !may_be_service(&p->key) && !has_floating(p->key.vif) &&
         !reaches_underlay()))
        return DROP_NONE;
    if (p->related)
        return judge_related(skb, p, s, from_guest);
    if (p->fragment != WHOLE) {
        bad = fragment_ports(p);
        if (bad)
            return bad;
    }
    flow = flow_find(&p->key, vif, s);
    if (!flow) {
        bad = flow_for(p, vif, s, from_guest, &flow);
        if (bad)
            return bad;
        p->shares = (flow->flags & FLOW_SHARED) != 0;
    }
    bad = flow_note(skb, p, flow);
    return bad || !(flow->flags & FLOW_TRANSLATED) ? bad : translate(skb, p, flow);
}
