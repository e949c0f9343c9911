/* Rules, and how they are found; see abi.h. */
#pragma once
#include "abi.h"

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
