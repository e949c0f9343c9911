/* What TCP says of its segments, lowered to what a tunnel can carry (as RFC 4459 section 3.2). */
#pragma once
#include "parse.h"

#define TCP_HEADER 20
#define TCP_DATA_OFFSET 12 /* the byte whose upper half is the header's length in words */
#define TCP_OPTION_END 0
#define TCP_OPTION_NOP 1
#define TCP_OPTION_MSS 2
#define TCP_OPTIONS_MOST 40

struct mss_walk {
    struct __sk_buff *skb;
    __u32 payload;
    __u32 at;
    __u32 end;
    __u16 limit;
};

static __always_inline void mss_lower(struct mss_walk *w)
{
    __u32 at = w->at + 2;
    __be16 before, after = bpf_htons(w->limit);
    int odd = (at - w->payload) & 1;

    if (bpf_skb_load_bytes(w->skb, at, &before, sizeof(before)) < 0 ||
        bpf_ntohs(before) <= w->limit)
        return;
    if (!bpf_l4_csum_replace(w->skb, w->payload + 16, odd ? __builtin_bswap16(before) : before,
                             odd ? __builtin_bswap16(after) : after, 2))
        bpf_skb_store_bytes(w->skb, at, &after, sizeof(after), 0);
}

static long mss_option(__u32 index, void *context)
{
    struct mss_walk *w = context;
    __u8 option[2];

    if (index >= TCP_OPTIONS_MOST || w->at + 2 > w->end || bpf_skb_load_bytes(w->skb, w->at, option, sizeof(option)) < 0 ||
        option[0] == TCP_OPTION_END)
        return 1;
    if (option[0] == TCP_OPTION_NOP) {
        w->at++;
        return 0;
    }
    if (option[0] == TCP_OPTION_MSS) {
        if (option[1] == 4)
            mss_lower(w);
        return 1;
    }
    if (option[1] < 2)
        return 1;
    w->at += option[1];
    return 0;
}

/* Of a SYN, so that full segments fit the device `ifindex` with `room` bytes of outer headers. */
STAGE clamp_mss(struct __sk_buff *skb, struct packet *p, __u32 ifindex, __u32 room)
{
    __u32 mtu = 0, headers;
    __u8 words;

    if (!p || !(p->tcp & TCP_SYN) ||
        bpf_skb_load_bytes(skb, p->payload + TCP_DATA_OFFSET, &words, 1) < 0)
        return 0;
    headers = (p->key.family == FAMILY_IPV4 ? 20 : 40) + TCP_HEADER + room;
    bpf_check_mtu(skb, ifindex, &mtu, 0, 0);
    if (mtu <= headers)
        return 0;

    struct mss_walk w = {
        .skb = skb,
        .payload = p->payload,
        .at = p->payload + TCP_HEADER,
        .end = p->payload + (words >> 4) * 4,
        .limit = mtu - headers,
    };

    bpf_loop(TCP_OPTIONS_MOST, mss_option, &w, 0);
    return 0;
}
