package weft.bench;

import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;

/**
 * One thing measured, beside what others reach and what is to be reached.
 *
 * @param name `port creates, 64 clients`
 * @param unit `1/s`, `ms`
 * @param better which way is better
 * @param peer what another reaches; null if nobody is to be compared with
 * @param goal what is to be reached; null if there is nothing to be missed
 */
public record Figure(
    String name,
    double value,
    String unit,
    Better better,
    @Nullable Peer peer,
    @Nullable Double goal) {

  /** Which of two values is the better one. */
  public enum Better {
    HIGHER,
    LOWER
  }

  /** Another program's value of the same figure. */
  public record Peer(String name, double value) {}

  /** A figure of which more is better. */
  public static Figure rate(String name, double value, String unit) {
    return new Figure(name, value, unit, Better.HIGHER, null, null);
  }

  /** A figure of which less is better: a time, a size. */
  public static Figure cost(String name, double value, String unit) {
    return new Figure(name, value, unit, Better.LOWER, null, null);
  }

  public Figure named(String otherName) {
    return new Figure(otherName, value, unit, better, peer, goal);
  }

  public Figure beside(String peerName, double peerValue) {
    return new Figure(name, value, unit, better, new Peer(peerName, peerValue), goal);
  }

  /** With what is to be reached: at least so much of a rate, at most so much of a cost. */
  public Figure goal(double least) {
    return new Figure(name, value, unit, better, peer, least);
  }

  Figure withoutGoal() {
    return new Figure(name, value, unit, better, peer, null);
  }

  /** How many times better than the peer. */
  public OptionalDouble ratio() {
    if (peer == null) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(better == Better.HIGHER ? value / peer.value() : peer.value() / value);
  }

  /** False if there is a goal and it is missed. */
  public boolean met() {
    return goal == null || (better == Better.HIGHER ? value >= goal : value <= goal);
  }

  /** `name, value, unit, peer, peer_value, ratio, goal, met`; what is absent is null. */
  public ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("name", name);
    json.put("value", rounded(value));
    json.put("unit", unit);
    json.put("peer", peer == null ? null : peer.name());
    json.put("peer_value", peer == null ? null : (Double) rounded(peer.value()));
    json.put("ratio", ratio().isEmpty() ? null : (Double) rounded(ratio().getAsDouble()));
    json.put("goal", goal == null ? null : goalText());
    json.put("met", goal == null ? null : (Boolean) met());
    return json;
  }

  private String goalText() {
    return (better == Better.HIGHER ? ">= " : "<= ") + plain(goal == null ? 0 : goal);
  }

  /** Three digits that count, or all before the point. */
  private static double rounded(double value) {
    return Double.parseDouble(plain(value));
  }

  private static String plain(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.4f";
    String text = String.format(Locale.ROOT, format, value);
    return text.indexOf('.') < 0 ? text : text.replaceAll("\\.?0+$", "");
  }
}
