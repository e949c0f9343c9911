/* Between vifs and devices: a sub-interface is a VLAN of its parent's device. */
#pragma once
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include "drop.h"

#define VLAN_ID 0xfff

/* Out of a vif's device. */
static __always_inline int leave(struct __sk_buff *skb, const struct vif_value *vif)
{
    if (vif->vlan && bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), vif->vlan))
        return drop(0, DROP_REWRITE_FAILED);
    return bpf_redirect(vif->ifindex, 0);
}

/*
 * The vif of a tagged frame, which loses its tag: a sub-interface, or `id` itself if the tag is of a
 * priority alone; 0 if there is none.
 */
static __noinline __u32 untag(struct __sk_buff *skb, __u32 id)
{
    struct tag_key key = {.ifindex = skb->ifindex, .vlan = skb->vlan_tci & VLAN_ID};

    if (skb->vlan_proto != bpf_htons(ETH_P_8021Q))
        return 0;
    if (key.vlan) {
        __u32 *sub = bpf_map_lookup_elem(&sub_interfaces, &key);

        id = sub ? *sub : 0;
    }
    return id && !bpf_skb_vlan_pop(skb) ? id : 0;
}
