package weft.neutron;

import weft.net.IpPrefix;

/** Destinations of routes as they are sent. */
final class Routes {
  private Routes() {}

  static IpPrefix destination(Sent route) {
    String text = route.string("destination");
    try {
      return IpPrefix.parse(text);
    } catch (IllegalArgumentException _) {
      throw NeutronException.invalidInput("destination: '" + text + "' is not a valid IP subnet");
    }
  }
}
