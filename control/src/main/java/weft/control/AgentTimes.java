package weft.control;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;

/**
 * How soon the loss of an agent is noticed, and what becomes of its routes.
 *
 * @param restart how long they stay as they are; zero: they go with the session
 * @param longLived how long they stay after that as a last choice
 * @param endOfRib how long an agent that is back may take to tell everything again
 * @param fastHold how long an agent may be silent; null: as the control node was started
 */
record AgentTimes(
    Duration restart, Duration longLived, Duration endOfRib, @Nullable Duration fastHold) {

  /** What holds where the config says nothing. */
  static AgentTimes of(ControlOptions options) {
    return new AgentTimes(
        options.times().restart(), Duration.ZERO, options.times().restart(), null);
  }

  static AgentTimes of(ConfigImage image, ControlOptions options) {
    AgentTimes found = of(options);
    for (ConfigObject object : image.objects("global-system-config")) {
      JsonNode restarts = object.property("graceful_restart_parameters");
      JsonNode convergence = object.property("fast_convergence_parameters");
      found =
          new AgentTimes(
              restarts == null ? found.restart : kept(restarts, "restart_time"),
              restarts == null ? found.longLived : kept(restarts, "long_lived_restart_time"),
              restarts == null ? found.endOfRib : seconds(restarts, "end_of_rib_timeout", 300),
              convergence == null ? found.fastHold : fastHold(convergence));
    }
    return found;
  }

  private static Duration kept(JsonNode restarts, String name) {
    boolean helps =
        restarts.path("enable").asBoolean(false)
            && restarts.path("xmpp_helper_enable").asBoolean(false);
    return helps ? seconds(restarts, name, 300) : Duration.ZERO;
  }

  private static @Nullable Duration fastHold(JsonNode convergence) {
    boolean enabled = convergence.path("enable").asBoolean(false);
    return enabled ? seconds(convergence, "xmpp_hold_time", 90) : null;
  }

  private static Duration seconds(JsonNode of, String name, int otherwise) {
    JsonNode node = of.path(name);
    return Duration.ofSeconds(node.isNumber() ? node.asInt() : otherwise);
  }
}
