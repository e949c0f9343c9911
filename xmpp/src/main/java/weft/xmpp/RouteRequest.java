package weft.xmpp;

/** A route that an agent adds to, or takes from, a routing instance: two IQs on the wire. */
public record RouteRequest(String instance, Item item, boolean withdraw) {

  public static RouteRequest publish(String instance, Item item) {
    return new RouteRequest(instance, item, false);
  }

  public static RouteRequest withdraw(String instance, Item item) {
    return new RouteRequest(instance, item, true);
  }
}
