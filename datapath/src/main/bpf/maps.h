/* The tables. All but the ring of traps, the fragments and the ways taken are written by user space. */
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "abi_agent.h"
#include "abi_flow.h"
#include "abi_hop.h"
#include "abi_nat.h"
#include "abi_rule.h"
#include "abi_vif.h"

/*
 * A stage of the pipeline. The verifier looks at a global function once instead of at every call,
 * which keeps its work small; so the function itself must check that its pointers are not null.
 */
#define STAGE __noinline int

#define TABLE(name_, type_, key_, value_, entries_, flags_) \
    struct {                                                \
        __uint(type, type_);                                \
        __uint(max_entries, entries_);                      \
        __uint(map_flags, flags_);                          \
        __type(key, key_);                                  \
        __type(value, value_);                              \
    } name_ SEC(".maps")

#define HASH_TABLE(name_, key_, value_, entries_) \
    TABLE(name_, BPF_MAP_TYPE_HASH, key_, value_, entries_, BPF_F_NO_PREALLOC)

TABLE(config_map, BPF_MAP_TYPE_ARRAY, __u32, struct config, 1, 0);

HASH_TABLE(devices, __u32, __u32, 8192); /* ifindex to vif */
HASH_TABLE(sub_interfaces, struct tag_key, __u32, 8192); /* to vif */
HASH_TABLE(vifs, __u32, struct vif_value, 8192);
TABLE(vif_states, BPF_MAP_TYPE_ARRAY, __u32, struct vif_state, 65536, BPF_F_MMAPABLE);
TABLE(vif_counts, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct vif_counters, 8192, 0);
TABLE(sources, BPF_MAP_TYPE_LPM_TRIE, struct lpm_key, struct source_value, 65536,
      BPF_F_NO_PREALLOC);

HASH_TABLE(vrfs, __u32, struct vrf_value, 8192);
TABLE(routes, BPF_MAP_TYPE_LPM_TRIE, struct lpm_key, struct route_value, 1 << 20,
      BPF_F_NO_PREALLOC); /* resized at open */
HASH_TABLE(bridges, struct bridge_key, struct hop_value, 1 << 18);
HASH_TABLE(mac_uses, struct bridge_key, struct mac_use, 1 << 16); /* of MACs that were learned */
HASH_TABLE(labels, __u32, __u32, 1 << 16);
HASH_TABLE(vnis, __u32, __u32, 1 << 16);
HASH_TABLE(next_hops, __u32, struct next_hop_value, 1 << 17);
HASH_TABLE(members, struct member_key, struct hop_value, 1 << 18);
HASH_TABLE(peers, __be32, __u32, 16384); /* where tunnels may come from */
HASH_TABLE(silent_hosts, __be32, __u32, 16384); /* not to be chosen of several */

HASH_TABLE(acls, __u32, struct acl_value, 16384);
HASH_TABLE(rules, struct rule_key, struct rule_value, 1 << 18);
TABLE(rule_sets, BPF_MAP_TYPE_LPM_TRIE, struct rule_set_key, struct rule_set, 1 << 19,
      BPF_F_NO_PREALLOC);
HASH_TABLE(groups, struct group_key, __u32, 1 << 16); /* members of sets of security groups */

HASH_TABLE(flows, struct flow_key, struct flow_value, 1 << 19); /* resized at open */
HASH_TABLE(floating_lists, __u32, struct floating_list, 8192);
HASH_TABLE(floatings, struct floating_key, struct floating_value, 1 << 16);
HASH_TABLE(port_maps, struct port_map_key, struct port_map_value, 1 << 16);
HASH_TABLE(fat_lists, __u32, struct fat_list, 8192);
HASH_TABLE(fat_rules, struct fat_rule_key, struct fat_rule, 1 << 16);
HASH_TABLE(fat_ports, struct fat_port_key, struct fat_port_value, 1 << 16);
HASH_TABLE(services, struct service_key, struct service_value, 1024);
TABLE(port_pools, BPF_MAP_TYPE_ARRAY, __u32, struct port_pool, POOL_COUNT, BPF_F_MMAPABLE);
HASH_TABLE(bgp_services, struct bgp_service_key, struct bgp_service_value, 16384);
HASH_TABLE(bgp_sessions, struct bgp_session_key, __u32, 16384); /* to vif */
HASH_TABLE(bindings, struct binding_key, struct binding_value, 1 << 18);
HASH_TABLE(bound_ports, struct bound_port_key, struct bound_port_value, 1 << 18);

#define FREE_PORTS(name_)                  \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_QUEUE);  \
        __uint(max_entries, 1 << 16);      \
        __type(value, __u32);              \
    } name_ SEC(".maps")

FREE_PORTS(free_tcp_ports);
FREE_PORTS(free_udp_ports);
FREE_PORTS(free_echo_numbers);

/* Of several ways the one that a flow takes; its key has the choice's next hop for a vif. */
TABLE(ways_taken, BPF_MAP_TYPE_LRU_HASH, struct flow_key, struct hop_value, 1 << 16, 0);
TABLE(fragments, BPF_MAP_TYPE_LRU_HASH, struct fragment_key, struct fragment_value, 8192, 0);

TABLE(drops, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, DROP_COUNT, 0);
TABLE(vif_drops, BPF_MAP_TYPE_PERCPU_HASH, struct vif_drop_key, __u64, 65536, BPF_F_NO_PREALLOC);

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1 << 20);
} traps SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1 << 18);
} drop_events SEC(".maps");

static __always_inline struct config *config(void)
{
    __u32 zero = 0;

    return bpf_map_lookup_elem(&config_map, &zero);
}
