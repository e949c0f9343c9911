/*
 * Layouts shared with user space. User space takes the offsets from this object's BTF by field
 * name; the assertions here keep padding explicit and the pinned layout stable. Whoever changes a
 * layout also changes LAYOUT in Pins.java.
 *
 * Addresses are in network order, IPv4 in the first word with the others zero. All else is in the
 * machine's order unless said otherwise.
 */
#pragma once
#include <stddef.h>
#include <linux/types.h>

#define ABI_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has changed its size")
#define ABI_AT(type, field, at) \
    _Static_assert(offsetof(type, field) == (at), #type "." #field " has moved")

/* The order is that of weft.vrouter.DropReason, by ordinal; a test compares them. */
enum drop_reason {
    DROP_NONE,
    DROP_INVALID_PACKET,
    DROP_NO_VIF,
    DROP_INVALID_SOURCE,
    DROP_NO_VRF,
    DROP_NO_ROUTE,
    DROP_NO_SOURCE_ROUTE,
    DROP_L2_NO_ROUTE,
    DROP_INVALID_NEXT_HOP,
    DROP_DISCARD,
    DROP_INVALID_LABEL,
    DROP_INVALID_VNI,
    DROP_INVALID_TUNNEL_SOURCE,
    DROP_TTL_EXCEEDED,
    DROP_PACKET_TOO_BIG,
    DROP_POLICY,
    DROP_POLICY_NO_MATCH,
    DROP_SECURITY_GROUP_IN,
    DROP_SECURITY_GROUP_OUT,
    DROP_FLOW_TABLE_FULL,
    DROP_FLOW_QUOTA,
    DROP_TRAP_QUEUE_FULL,
    DROP_TRAP_RATE,
    DROP_ARP_NOT_ANSWERED,
    DROP_UNSUPPORTED_PROTOCOL,
    DROP_REWRITE_FAILED,
    DROP_LOOP,
    DROP_FRAGMENT_NO_HEAD,
    DROP_FLOW_INVALID,
    DROP_FLOATING_DIRECTION,
    DROP_FLOATING_PORT,
    DROP_NAT_CONFLICT,
    DROP_NO_FREE_PORT,
    DROP_NO_SUB_INTERFACE,
    DROP_MAC_LIMIT,
    DROP_COUNT = 64, /* room in the counters */
};

/* The order is that of weft.vrouter.Trap.Reason. */
enum trap_reason {
    TRAP_NONE,
    TRAP_DHCP,
    TRAP_RECEIVE,
    TRAP_ARP,
    TRAP_ROUTER_SOLICITATION,
    TRAP_MAC,
};

#define NAME_SIZE 512

enum address_family {
    FAMILY_NONE,
    FAMILY_IPV4,
    FAMILY_IPV6,
};

enum underlay_way {
    UNDERLAY_ROUTED = 1, /* networks whose routes lead there */
    UNDERLAY_BGP = 2,    /* control nodes that guests speak BGP with */
};

struct config {
    __u32 fabric_ifindex;
    __be32 fabric_address;
    __u32 agent_ifindex;
    __u32 flow_quota;
    __u64 trap_interval_ns; /* time a trap costs */
    __u64 trap_burst_ns;    /* time that may be owed */
    __u32 generation;       /* the last one given to a vif */
    __u32 watch_drops;      /* each is told, see struct drop_event */
    __u32 underlay;         /* guests reach it by this host's address: enum underlay_way */
    __u8 router_mac[6];     /* to which other hosts send what is routed here */
    __u8 pad[6];
};
ABI_SIZE(struct config, 56);
ABI_AT(struct config, trap_interval_ns, 16);
ABI_AT(struct config, router_mac, 44);
