package weft.vrouter;

/** What the forwarding tables hold under a {@link TableKey} of the same kind. */
public sealed interface TableValue
    permits Vif,
        Vrf,
        NextHop,
        InetRoute,
        BridgeEntry,
        LabelEntry,
        VniEntry,
        Acl,
        FloatingAddresses,
        FatFlows,
        BgpService,
        PortPool,
        Service {}
