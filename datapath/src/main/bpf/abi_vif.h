/* Interfaces of guests and the underlay; see abi.h. */
#pragma once
#include "abi.h"

enum vif_flag {
    VIF_POLICY = 1,
    VIF_BRIDGED = 2,
    VIF_ROUTED = 4,
    VIF_DHCP = 8,
    VIF_HAS_PORT = 16,
    VIF_PEER = 32, /* a veth whose other end is in another namespace */
    VIF_LEARN = 64, /* MACs that are not the port's own are told to the agent */
    VIF_LEARNT = 128, /* it takes no more of them */
};

enum vif_kind {
    VIF_VIRTUAL,
    VIF_FABRIC,
};

struct vif_value {
    __u32 ifindex;
    __u32 vrf;
    __u32 network_acl;
    __u32 ingress_acl;
    __u32 egress_acl;
    __u32 generation; /* of the policy: older flows are judged again */
    __u8 mac[6];
    __u8 kind;
    __u8 flags;
    __be32 address[4];
    __u8 port[16];
    char device[16];
    __u8 address_family;
    __u8 gateways; /* by family: 1 << FAMILY_... */
    __u16 vlan;    /* of a sub-interface, whose frames have this tag on the device; else 0 */
    __be32 gateway[4];  /* of IPv4, from which errors come */
    __be32 gateway6[4]; /* likewise of IPv6 */
    __u32 max_flows;    /* 0 for as many as any */
};
ABI_SIZE(struct vif_value, 120);
ABI_AT(struct vif_value, mac, 24);
ABI_AT(struct vif_value, address, 32);
ABI_AT(struct vif_value, device, 64);

/* Of frames that come with a tag. */
struct tag_key {
    __u32 ifindex;
    __u32 vlan;
};
ABI_SIZE(struct tag_key, 8);

/* What the kernel itself writes about a vif; user space changes `flows` by atomic adds in place. */
struct vif_state {
    __u64 trap_time_ns; /* when the port has paid for its traps */
    __u32 flows;
    __u32 ports; /* of this host that it has */
};
ABI_SIZE(struct vif_state, 16);
ABI_AT(struct vif_state, flows, 8);

struct vif_counters {
    __u64 rx_packets;
    __u64 rx_bytes;
    __u64 tx_packets;
    __u64 tx_bytes;
};
ABI_SIZE(struct vif_counters, 32);

struct vif_drop_key {
    __u32 vif;
    enum drop_reason reason;
};
ABI_SIZE(struct vif_drop_key, 8);

/* Sources a vif may use; also the key of routes, with a VRF for the vif. */
struct lpm_key {
    __u32 prefix_length; /* 32 + that of the address */
    __u8 family;
    __u8 pad;
    __be16 domain; /* VRF or vif */
    __be32 address[4];
};
ABI_SIZE(struct lpm_key, 24);
ABI_AT(struct lpm_key, domain, 6);
ABI_AT(struct lpm_key, address, 8);

enum source_origin {
    SOURCE_ADDRESS = 1,
    SOURCE_ALLOWED = 2,
};

struct source_value {
    __u32 origin;
};
ABI_SIZE(struct source_value, 4);
