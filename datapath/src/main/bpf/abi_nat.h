/* What takes the place of addresses and ports; see abi.h. */
#pragma once
#include "abi.h"

/* A link-local address and port that a socket of this host answers; DNS: see service_address. */
struct service_key {
    __be32 address;
    __u16 port;
    __u8 protocol;
    __u8 pad;
};
ABI_SIZE(struct service_key, 8);

struct service_value {
    __u16 port; /* of SERVICE_HOST */
    __u16 pad;
};
ABI_SIZE(struct service_value, 4);

/*
 * The addresses by which this host's own sockets and the guests that use them know each other; vif
 * `n` is SERVICE_GUESTS + n. No network has these (RFC 2544).
 */
#define SERVICE_GUESTS 0xc6120000 /* 198.18.0.0/16 */
#define SERVICE_GUESTS_MASK 0xffff0000
#define SERVICE_HOST 0xc6130001 /* 198.19.0.1 */

/*
 * What guests send to the underlay leaves from this host's address and a port of it. A guest's port
 * has the same one towards all. The free ones wait in a queue for each protocol.
 */
enum port_pool_index {
    POOL_TCP,
    POOL_UDP,
    POOL_ICMP, /* numbers of echoes */
    POOL_COUNT,
};

#define POOL_RANGES 8

struct port_range {
    __u16 low;
    __u16 high;
};
ABI_SIZE(struct port_range, 4);

/* User space changes `taken` by atomic adds in place. */
struct port_pool {
    __u32 total;
    __u32 taken;
    __u32 ranges;
    struct port_range range[POOL_RANGES];
    __u32 pad;
};
ABI_SIZE(struct port_pool, 48);
ABI_AT(struct port_pool, taken, 4);

struct binding_key {
    __be32 address;
    __u16 vif;
    __u16 port;
    __u8 protocol;
    __u8 pad[3];
};
ABI_SIZE(struct binding_key, 12);

struct binding_value {
    __u64 last_ns; /* when a flow began by it */
    __u16 port;    /* of this host */
    __u16 pad[3];
};
ABI_SIZE(struct binding_value, 16);

struct bound_port_key {
    __u16 port;
    __u8 protocol;
    __u8 pad;
};
ABI_SIZE(struct bound_port_key, 4);

struct bound_port_value {
    __u64 made_ns;
    __u32 vif;
    __be32 address;
    __u16 port; /* of the guest */
    __u16 pad[3];
};
ABI_SIZE(struct bound_port_value, 24);

/*
 * A control node that a guest speaks BGP with: it finds it at an address of its vRouter, and is
 * known to it by this host's address and a port that is the guest's alone.
 */
struct bgp_service_key {
    __u32 vif;
    __be32 address;
};
ABI_SIZE(struct bgp_service_key, 8);

struct bgp_service_value {
    __be32 server;
    __u16 port;
    __u16 pad;
};
ABI_SIZE(struct bgp_service_value, 8);

/* Whose guest has spoken last with a control node by a port: its vif is the value. */
struct bgp_session_key {
    __be32 server;
    __u16 port;
    __u16 pad;
};
ABI_SIZE(struct bgp_session_key, 8);

#define LINK_LOCAL 0xa9fe0000 /* 169.254.0.0/16 */
#define LINK_LOCAL_MASK 0xffff0000

/* The floating addresses of a vif, as they are tried. */
struct floating_list {
    __u32 version;
    __u32 count;
};
ABI_SIZE(struct floating_list, 8);

struct floating_key {
    __u32 vif;
    __u32 version;
    __u32 index;
};
ABI_SIZE(struct floating_key, 12);

enum floating_flag {
    FLOATING_INBOUND = 1,
    FLOATING_OUTBOUND = 2,
    FLOATING_PORTS = 4, /* only mapped ports pass */
};

struct floating_value {
    __be32 outside[4];
    __be32 inside[4];
    __u32 vrf;
    __u32 network_acl;
    __u8 family;
    __u8 flags;
    __u16 ports; /* how many are mapped */
};
ABI_SIZE(struct floating_value, 44);

struct port_map_key {
    struct floating_key floating;
    __u16 port; /* the outside one if `inward` */
    __u8 protocol;
    __u8 inward;
};
ABI_SIZE(struct port_map_key, 16);
ABI_AT(struct port_map_key, port, 12);

struct port_map_value {
    __u16 port;
    __u16 index; /* in the list of those that are mapped */
};
ABI_SIZE(struct port_map_value, 4);
