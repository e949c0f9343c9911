/* Where packets go: VRFs, next hops, routes, bridges; see abi.h. */
#pragma once
#include "abi.h"

struct vrf_value {
    __u32 virtual_network;
    char name[NAME_SIZE];
};
ABI_SIZE(struct vrf_value, 516);

enum next_hop_type {
    NH_DISCARD,
    NH_ENCAP_L3,
    NH_ENCAP_L2,
    NH_TUNNEL,
    NH_RECEIVE,
    NH_BRIDGE,
    NH_ECMP,
    NH_FLOOD,
    NH_UNDERLAY,
    NH_TREE,
};

/* By 1 << the ordinal of weft.vrouter.HashField. */
enum hash_field {
    HASH_PROTOCOL = 1,
    HASH_SOURCE = 2,
    HASH_SOURCE_PORT = 4,
    HASH_DESTINATION = 8,
    HASH_DESTINATION_PORT = 16,
    HASH_ALL = 31,
};

/*
 * Where a branch of a tree leads, in `target` of a tunnel: between label and frame stand a control
 * word and a VXLAN header with the network's VNI.
 */
#define BRANCH 0x80000000
#define BRANCH_VNI 0x00ffffff

/* The order is that of weft.net.Encapsulation. */
enum encapsulation {
    ENCAP_MPLS_O_GRE,
    ENCAP_MPLS_O_UDP,
    ENCAP_VXLAN,
};

struct next_hop_value {
    __u8 type;
    __u8 encapsulation; /* of one of several the enum hash_field that choose */
    __u16 members; /* of a composite */
    __u32 target;  /* vif, VRF, BRANCH, or the version of the members */
    __be32 source;
    __be32 destination;
    __u8 router_mac[6]; /* of a tunnel by VXLAN: of the router there, zeros if it said none */
    __u8 pad[2];
};
ABI_SIZE(struct next_hop_value, 24);
ABI_AT(struct next_hop_value, target, 4);
ABI_AT(struct next_hop_value, router_mac, 16);

struct member_key {
    __u32 next_hop;
    __u32 version;
    __u32 index;
};
ABI_SIZE(struct member_key, 12);

struct hop_value {
    __u32 next_hop;
    __s32 label; /* or VNI; -1 for none */
};
ABI_SIZE(struct hop_value, 8);

enum arp_mode {
    ARP_FLOOD,
    ARP_PROXY,
    ARP_STITCHED,
    ARP_DROP,
};

struct route_value {
    __u32 next_hop;
    __s32 label;
    __u32 virtual_network;
    __u32 groups; /* id of the set of security groups, 0 for the empty set */
    __u8 mac[6];
    __u8 arp;
    __u8 has_mac;
    __u8 length; /* of the prefix under which it stands */
    __u8 pad[3];
};
ABI_SIZE(struct route_value, 28);
ABI_AT(struct route_value, mac, 16);

struct bridge_key {
    __u16 vrf;
    __u8 mac[6];
};
ABI_SIZE(struct bridge_key, 8);

/* When a MAC that is not a port's own was last heard there; it is `vif`'s as long as a bridge says so. */
struct mac_use {
    __u64 last_ns; /* of CLOCK_MONOTONIC */
};
ABI_SIZE(struct mac_use, 8);
