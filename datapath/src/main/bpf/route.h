/* Longest prefix match, for both families in one trie. */
#pragma once
#include <bpf/bpf_endian.h>
#include "maps.h"

#define DOMAIN_BITS 32

static __always_inline void lpm_key(struct lpm_key *key, __u32 domain, __u8 family,
                                    const __be32 *address)
{
    key->prefix_length = DOMAIN_BITS + (family == FAMILY_IPV4 ? 32 : 128);
    key->family = family;
    key->pad = 0;
    key->domain = bpf_htons(domain);
    key->address[0] = address[0];
    key->address[1] = address[1];
    key->address[2] = address[2];
    key->address[3] = address[3];
}

static __always_inline int same_address(const __be32 *a, const __be32 *b)
{
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}

static __always_inline struct route_value *route(__u32 vrf, __u8 family, const __be32 *address)
{
    struct lpm_key key;

    lpm_key(&key, vrf, family, address);
    return bpf_map_lookup_elem(&routes, &key);
}
