/* ARP from guests, answered by the route of the address asked for. */
#pragma once
#include "l2.h"
#include "source.h"

#define ARPHRD_ETHER 1
#define ARPOP_REQUEST 1
#define ARPOP_REPLY 2

struct arp_packet {
    __be16 hardware;
    __be16 protocol;
    __u8 hardware_length;
    __u8 protocol_length;
    __be16 operation;
    __u8 sender_mac[ETH_ALEN];
    __u8 sender[4];
    __u8 target_mac[ETH_ALEN];
    __u8 target[4];
};
ABI_SIZE(struct arp_packet, 28);

enum arp_result {
    ARP_ANSWERED, /* the frame is the answer now */
    ARP_BRIDGE,   /* forward it as any frame */
    ARP_REFUSED,  /* see the reason */
    ARP_CLAIM,    /* likewise forward it, and show it to the agent */
    ARP_TOLD,     /* an answer to the agent */
};

static __always_inline int arp_answer(struct __sk_buff *skb, struct arp_packet *arp,
                                      const __u8 *mac)
{
    struct ethhdr eth = {.h_proto = bpf_htons(ETH_P_ARP)};
    __u8 asked[4];

    __builtin_memcpy(asked, arp->target, sizeof(asked));
    arp->operation = bpf_htons(ARPOP_REPLY);
    mac_copy(arp->target_mac, arp->sender_mac);
    __builtin_memcpy(arp->target, arp->sender, sizeof(arp->target));
    mac_copy(arp->sender_mac, mac);
    __builtin_memcpy(arp->sender, asked, sizeof(arp->sender));
    mac_copy(eth.h_dest, arp->target_mac);
    mac_copy(eth.h_source, mac);
    if (bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0) ||
        bpf_skb_store_bytes(skb, ETH_HLEN, arp, sizeof(*arp), 0))
        return -1;
    return 0;
}

/* A request for an address of one's own (a probe or an announcement) is for the others to see. */
static __noinline int arp_request(struct __sk_buff *skb, struct packet *p, struct arp_packet *arp,
                                  __u32 *reason)
{
    __be32 target[4] = {};
    __u8 mac[ETH_ALEN];
    struct route_value *r;

    __builtin_memcpy(target, arp->target, sizeof(arp->target));
    r = route(p->vrf, FAMILY_IPV4, target);
    if (!r || r->arp == ARP_FLOOD)
        return ARP_BRIDGE;
    if (r->arp == ARP_DROP) {
        *reason = DROP_ARP_NOT_ANSWERED;
        return ARP_REFUSED;
    }
    if (r->arp == ARP_STITCHED && r->has_mac)
        mac_copy(mac, r->mac);
    else
        mac_copy(mac, GATEWAY_MAC);
    if (mac_equals(mac, arp->sender_mac))
        return ARP_BRIDGE;
    if (arp_answer(skb, arp, mac)) {
        *reason = DROP_REWRITE_FAILED;
        return ARP_REFUSED;
    }
    return ARP_ANSWERED;
}

STAGE arp_from_guest(struct __sk_buff *skb, struct packet *p, const struct vif_value *vif,
                     __u32 *reason)
{
    if (!p || !vif || !reason)
        return ARP_REFUSED;

    struct arp_packet arp = {};
    __be32 sender[4] = {};

    *reason = DROP_INVALID_PACKET;
    if (bpf_skb_load_bytes(skb, ETH_HLEN, &arp, sizeof(arp)) < 0)
        return ARP_REFUSED;
    if (arp.hardware != bpf_htons(ARPHRD_ETHER) || arp.protocol != bpf_htons(ETH_P_IP) ||
        arp.hardware_length != ETH_ALEN || arp.protocol_length != 4)
        return ARP_REFUSED;
    __builtin_memcpy(sender, arp.sender, sizeof(arp.sender));
    *reason = DROP_INVALID_SOURCE;
    if (vif->flags & VIF_POLICY) {
        if (!mac_equals(arp.sender_mac, vif->flags & VIF_LEARN ? p->eth.h_source : vif->mac))
            return ARP_REFUSED;
        if (sender[0] && !source_known(p->vif, FAMILY_IPV4, sender))
            return ARP_REFUSED;
    }
    if (source_shared(p->vif, FAMILY_IPV4, sender)) {
        if (arp.operation == bpf_htons(ARPOP_REPLY) && mac_equals(p->eth.h_dest, GATEWAY_MAC))
            return ARP_TOLD;
        if (is_group(p->eth.h_dest) && !__builtin_memcmp(arp.sender, arp.target, 4))
            return ARP_CLAIM;
    }
    if (arp.operation == bpf_htons(ARPOP_REQUEST))
        return arp_request(skb, p, &arp, reason);
    return ARP_BRIDGE;
}
