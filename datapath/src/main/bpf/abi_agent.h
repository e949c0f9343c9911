/* What goes up to the agent and comes from it; see abi.h. */
#pragma once
#include "abi_flow.h"

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
