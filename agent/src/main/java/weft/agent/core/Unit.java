package weft.agent.core;

import java.util.UUID;
import weft.net.IpPrefix;
import weft.net.MacAddress;

/** A piece of the desired state that is derived on its own. */
sealed interface Unit {
  record Fabric() implements Unit {}

  /** All services of this host. */
  record Services() implements Unit {}

  record OfPort(UUID id) implements Unit {}

  record OfVrf(String vrf) implements Unit {}

  record OfInet(String vrf, IpPrefix prefix) implements Unit {}

  record OfMac(String vrf, MacAddress mac) implements Unit {}
}
