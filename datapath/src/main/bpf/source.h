/* What a guest sends must come from its own addresses. */
#pragma once
#include "l3.h"

/* Of addresses that others may have as well: who says that it has one is heard by the agent. */
static __always_inline int source_shared(__u32 vif, __u8 family, const __be32 *address)
{
    struct lpm_key key;
    struct source_value *source;

    lpm_key(&key, vif, family, address);
    source = bpf_map_lookup_elem(&sources, &key);
    return source && (source->origin & SOURCE_ALLOWED);
}

static __always_inline int source_known(__u32 vif, __u8 family, const __be32 *address)
{
    struct lpm_key key;

    lpm_key(&key, vif, family, address);
    return bpf_map_lookup_elem(&sources, &key) != NULL;
}

/* Before a host has its address it speaks from none, and IPv6 hosts speak on the link. */
static __always_inline int is_unspecified_or_link_local(const struct packet *p)
{
    const __be32 *a = p->key.source;

    if (p->key.family == FAMILY_IPV4)
        return 0;
    return (a[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000) ||
           (a[0] | a[1] | a[2] | a[3]) == 0;
}

static __always_inline int source_allowed(const struct packet *p, __u32 id,
                                          const struct vif_value *vif)
{
    if (!(vif->flags & VIF_POLICY))
        return 1;
    if (!mac_equals(p->eth.h_source, vif->mac) && !(vif->flags & VIF_LEARN))
        return 0;
    if (!p->key.family || is_unspecified_or_link_local(p))
        return 1;
    if (vif->address_family == p->key.family && same_address(vif->address, p->key.source))
        return 1;
    return source_known(id, p->key.family, p->key.source);
}
