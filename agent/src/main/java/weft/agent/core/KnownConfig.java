package weft.agent.core;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.Global;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Zone;
import weft.net.MacAddress;
import weft.xmpp.ControlMessage.ConfigSection;
import weft.xmpp.ControlMessage.ConfigUpdate;

/** The config as it was told, what it says of ports, and of which ports it says something else. */
final class KnownConfig {
  private final Readings readings = new Readings();
  private final ConfigGraph graph = new ConfigGraph(readings::note);
  private final ToldConfig told = new ToldConfig(graph);
  private final ConfigReader reader = new ConfigReader(graph, readings);
  private final ZoneReader zones = new ZoneReader(graph);
  private final Readings.Kind<UUID, PortConfig> ports;
  private final Readings.Kind<UUID, SortedMap<Integer, UUID>> subInterfaces;

  /**
   * @param macs with which ports were plugged, for those whose config has none
   */
  KnownConfig(Function<UUID, @Nullable MacAddress> macs) {
    ports = readings.asked(id -> reader.port(id, macs.apply(id)));
    subInterfaces = readings.asked(reader::subInterfaces);
  }

  void take(ConfigSection section) {
    told.take(section);
  }

  /** A session begins that tells all of it anew. */
  void begin() {
    graph.beginGeneration();
  }

  /** It has told all: what it has not told is no more. */
  void complete() {
    graph.sweep();
  }

  /** The ports of which something else was to be said since the last call. */
  Set<UUID> takeTouched() {
    readings.changed(graph.takeChanged());
    Set<UUID> touched = new LinkedHashSet<>(ports.takeStale());
    touched.addAll(subInterfaces.takeStale());
    return touched;
  }

  Global global() {
    return reader.global();
  }

  /** The port's config, or null while anything is missing without which it cannot work. */
  @Nullable PortConfig port(UUID id) {
    return ports.of(id);
  }

  /** Those of a port, by VLAN. */
  Map<Integer, UUID> subInterfaces(UUID port) {
    SortedMap<Integer, UUID> found = subInterfaces.of(port);
    return found == null ? Map.of() : found;
  }

  /** What was said of a port is not asked for any more, or is to be read anew. */
  void forget(UUID port) {
    ports.forget(port);
    subInterfaces.forget(port);
  }

  /** How often what it says of a port was read. */
  long portsRead() {
    return ports.count();
  }

  @Nullable Zone zone(String virtualDns) {
    return zones.zone(virtualDns);
  }

  /** Whether the present session has told of a port. */
  boolean isTold(UUID port) {
    return graph.isSent(port);
  }

  ConfigUpdate all() {
    return told.all();
  }

  long changes() {
    return graph.changes();
  }

  int size() {
    return graph.size();
  }
}
