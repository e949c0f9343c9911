/*
 * Outer headers. An L3 payload is [IP]; an L2 payload is [Ethernet][...]; before either stands
 * [Ethernet][IPv4][UDP][MPLS], [Ethernet][IPv4][GRE][MPLS] or [Ethernet][IPv4][UDP][VXLAN].
 */
#pragma once
#include <linux/udp.h>
#include "l3.h"

#ifndef BPF_F_ADJ_ROOM_DECAP_L3_IPV6
#define BPF_F_ADJ_ROOM_DECAP_L3_IPV6 (1ULL << 8)
#endif

#define PORT_MPLS_O_UDP 6635       /* RFC 7510 */
#define PORT_MPLS_O_UDP_LEGACY 51234 /* of Tungsten Fabric before the RFC */
#define PORT_VXLAN 4789            /* RFC 7348 */
#define PORT_BFD_ECHO 3785         /* RFC 5881 */
#define ETH_P_MPLS_UNICAST 0x8847
#define TUNNEL_TTL 64
#define MPLS_BOTTOM 0x100
#define VXLAN_VNI_VALID 0x08000000
#define UDP_ENTROPY_PORTS 0x3fff
#define UDP_FIRST_ENTROPY_PORT 49152

struct gre_header {
    __be16 flags;
    __be16 protocol;
};

struct vxlan_header {
    __be32 flags;
    __be32 vni;
};

struct outer {
    __u8 pad[2]; /* the stack must be accessed aligned: this brings the IP header to a word */
    struct ethhdr eth;
    struct iphdr ip;
    union {
        struct {
            struct udphdr udp;
            __be32 mpls;
        } mpls_udp;
        struct {
            struct gre_header gre;
            __be32 mpls;
        } mpls_gre;
        struct {
            struct udphdr udp;
            struct vxlan_header vxlan;
        } vxlan;
    };
};
ABI_AT(struct outer, eth, 2);
ABI_AT(struct outer, ip, 16);
ABI_AT(struct outer, mpls_udp.mpls, 44);
ABI_AT(struct outer, mpls_gre.mpls, 40);
ABI_AT(struct outer, vxlan.vxlan, 44);

#define OUTER_MPLS_UDP 46 /* with Ethernet */
#define OUTER_MPLS_GRE 42
#define OUTER_VXLAN 50

/* What a branch of a tree has more: a control word (RFC 4448) and a VXLAN header. */
struct branch_header {
    __be32 control;
    struct vxlan_header vxlan;
};
ABI_SIZE(struct branch_header, 12);

#define FROM_TREE 0 /* index in `cb` of where a copy has come from: it does not go back */

/*
 * Spreads the flows of a pair of hosts over UDP source ports and equal paths. Systems choose ports
 * that are all odd or all even: the last bits must come from all others.
 */
static __always_inline __u32 flow_hash(const struct flow_key *key)
{
    __u32 h = 0x9e3779b9;

    h = (h ^ key->source[0] ^ key->source[3]) * 0x85ebca6b;
    h = (h ^ key->source[1] ^ key->source[2]) * 0xc2b2ae35;
    h = (h ^ (h >> 15) ^ key->destination[0] ^ key->destination[3]) * 0x85ebca6b;
    h = (h ^ key->destination[1] ^ key->destination[2]) * 0xc2b2ae35;
    h = (h ^ (h >> 13) ^ ((__u32)key->source_port << 16 | key->destination_port)) * 0x27d4eb2f;
    h = (h ^ (h >> 16) ^ key->protocol) * 0x165667b1;
    h = (h ^ (h >> 13)) * 0xc2b2ae35;
    return h ^ (h >> 16);
}
