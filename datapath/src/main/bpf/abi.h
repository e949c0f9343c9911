/*
 * Layouts shared with user space. User space takes the offsets from this object's BTF by field
 * name; the assertions here keep padding explicit and the pinned layout stable. Whoever changes a
 * layout also changes LAYOUT in Layout.java.
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

#define NAME_SIZE 512

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

struct acl_value {
    __u32 version; /* of the rules */
    __u32 rules;
    char name[NAME_SIZE];
};
ABI_SIZE(struct acl_value, 520);

struct rule_key {
    __u32 acl;
    __u32 version;
    __u32 index;
};
ABI_SIZE(struct rule_key, 12);

enum endpoint_kind {
    ENDPOINT_ANY,
    ENDPOINT_SUBNET,
    ENDPOINT_GROUP,
    ENDPOINT_NETWORK,
};

struct endpoint {
    __u8 kind;
    __u8 family; /* of the subnet */
    __be16 pad;
    __u32 id;
    __be32 address[4];
    __be32 mask[4];
};
ABI_SIZE(struct endpoint, 40);

struct rule_value {
    struct endpoint source;
    struct endpoint destination;
    __u16 source_low;
    __u16 source_high;
    __u16 destination_low;
    __u16 destination_high;
    __s16 protocol; /* -1 for any */
    __u8 family;    /* FAMILY_NONE for any */
    __u8 deny;
    __u8 id[16];
};
ABI_SIZE(struct rule_value, 108);
ABI_AT(struct rule_value, source_low, 80);
ABI_AT(struct rule_value, id, 92);

/*
 * Which rules of an ACL may match, by one thing that is asked of a packet; exact for that thing. A
 * bit is a rule; lists longer than a vector have several. Shorter ones than ACL_LINEAR have none.
 */
enum rule_limit {
    ACL_LINEAR = 16,
    ACL_VECTOR = 1024,
};

enum rule_dimension {
    RULE_SOURCE,
    RULE_DESTINATION,
    RULE_PORT, /* of the destination, in the first two bytes; all families have one */
};

#define RULE_SET_BITS 96 /* before the value */

struct rule_set_key {
    __u32 prefix_length; /* RULE_SET_BITS + that of the value */
    __u32 acl;
    __u32 version;
    __u8 dimension;
    __u8 family;
    __u16 chunk;
    __be32 value[4];
};
ABI_SIZE(struct rule_set_key, 32);
ABI_AT(struct rule_set_key, value, 16);

struct rule_set {
    __u64 words[ACL_VECTOR / 64];
};
ABI_SIZE(struct rule_set, 128);

struct group_key {
    __u32 set;
    __u32 group;
};
ABI_SIZE(struct group_key, 8);

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

/* A record in the ring of drops. The flow is that of the packet as it was last parsed. */
struct drop_event {
    struct flow_key key;
    __u32 vif;
    __u32 reason;
    __u32 acl; /* that decided, if rules did */
    __s32 rule;
};
ABI_SIZE(struct drop_event, 60);
ABI_AT(struct drop_event, vif, 44);

/* A record in the trap ring. */
struct trap_header {
    __u32 vif;
    __u16 reason;
    __u16 length; /* of the frame as far as it is here */
};
ABI_SIZE(struct trap_header, 8);

#define TRAP_SMALL 504
#define TRAP_LARGE 2040

/* What the agent appends to a frame that it writes to its device. */
struct agent_trailer {
    __be32 magic;
    __be16 operation;
    __be16 vif;
};
ABI_SIZE(struct agent_trailer, 8);

#define AGENT_MAGIC 0x57656674 /* "Weft" */

enum agent_operation {
    AGENT_TRANSMIT = 1,
    AGENT_INJECT = 2,
};
