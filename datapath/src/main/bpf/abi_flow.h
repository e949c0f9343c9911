/* Flows, what they share, and fragments; see abi.h. */
#pragma once
#include "abi.h"

struct flow_key {
    __u32 vif;
    __be32 source[4];
    __be32 destination[4];
    __u16 source_port;
    __u16 destination_port;
    __u8 family;
    __u8 protocol;
    __u8 pad[2];
};
ABI_SIZE(struct flow_key, 44);
ABI_AT(struct flow_key, source_port, 36);

enum flow_flag {
    FLOW_FORWARD = 1,
    FLOW_FROM_GUEST = 2,
    FLOW_NAT_SOURCE = 4,
    FLOW_NAT_DESTINATION = 8,
    FLOW_SERVICE = 16, /* to a service of this host: both addresses, of IPv4, and its port */
    FLOW_OWN = 32,     /* asks no policy: of the agent, which has made it, or see FLOW_BGP */
    FLOW_SHARED = 64,  /* of several connections, whose keys differ in what its own leaves out */
    FLOW_UNDERLAY = 128, /* of IPv4, by this host's address: see FLOW_NAT_SOURCE and below */
};

struct flow_value {
    __u64 packets;
    __u64 bytes;
    __u64 last_ns; /* of CLOCK_MONOTONIC, as bpf_ktime_get_ns gives it */
    __u32 generation;
    __u8 reason; /* DROP_NONE passes */
    __u8 flags;
    __u8 icmp_type; /* of the packet that made the flow */
    __u8 tcp;       /* enum tcp_flag that were seen since its last SYN */
    __u32 acl;      /* packets of a flow need nothing from here on, if it is not translated */
    __s32 rule;
    /*
     * In place of that on the translated side. A service's flow has both, one to the underlay may
     * have in the second word what takes the place of the other side's.
     */
    __be32 nat_address[4];
    __u32 nat_vrf;         /* in which the outside address is */
    __u32 nat_acl;         /* of that network */
    __u16 nat_port;
    __u8 source_length; /* of a shared flow: bits that its key has of the address */
    __u8 destination_length;
    __u8 pad[4];
};
ABI_SIZE(struct flow_value, 72);
ABI_AT(struct flow_value, reason, 28);
ABI_AT(struct flow_value, nat_address, 40);
ABI_AT(struct flow_value, nat_port, 64);

/* Of a guest with a control node: both addresses, and the guest's port. */
#define FLOW_BGP (FLOW_OWN | FLOW_UNDERLAY)

/* As they stand in the header. */
enum tcp_flag {
    TCP_FIN = 1,
    TCP_SYN = 2,
    TCP_RST = 4,
    TCP_ACK = 16,
};

#define TCP_STATE (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)

/* What connections of a vif share a flow: rules, those of one protocol and port side by side. */
struct fat_list {
    __u32 version;
    __u32 count;
};
ABI_SIZE(struct fat_list, 8);

struct fat_rule_key {
    __u32 vif;
    __u32 version;
    __u32 index;
};
ABI_SIZE(struct fat_rule_key, 12);

struct fat_end {
    __be32 address[4]; /* that the rule is for, under its mask */
    __be32 mask[4];
    __be32 kept[4]; /* what stays of an address */
    __u8 family;    /* of that address; FAMILY_NONE if the rule is for all */
    __u8 prefix_length;
    __u8 length; /* of what stays */
    __u8 pad;
};
ABI_SIZE(struct fat_end, 52);

struct fat_rule {
    struct fat_end guest;
    struct fat_end remote;
    __u16 port; /* that stays; 0 if none does */
    __u8 protocol;
    __u8 pad;
};
ABI_SIZE(struct fat_rule, 108);

struct fat_port_key {
    __u32 vif;
    __u32 version;
    __u16 port;
    __u8 protocol;
    __u8 pad;
};
ABI_SIZE(struct fat_port_key, 12);

struct fat_port_value {
    __u32 first;
    __u32 count;
};
ABI_SIZE(struct fat_port_value, 8);

/* Fragments of IPv6 need not name their protocol alike; those of IPv4 do. */
struct fragment_key {
    __u32 vif;
    __be32 source[4];
    __be32 destination[4];
    __be32 id;
    __u8 protocol; /* 0 of IPv6 */
    __u8 pad[3];
};
ABI_SIZE(struct fragment_key, 44);

struct fragment_value {
    __u16 source_port;
    __u16 destination_port;
    __u8 protocol;
    __u8 pad[3];
};
ABI_SIZE(struct fragment_value, 8);
