package weft.control;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.bgp.BgpServer;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;

/**
 * What BGP peers and we do for each other across a restart (RFC 4724, RFC 9494).
 *
 * @param ours what we ask of peers while we are away
 * @param helper whether the routes of a peer that is away stay if it asks for that
 * @param endOfRibWait how long a peer that is back may take to tell everything again
 */
record RestartTimes(BgpServer.Restart ours, boolean helper, Duration endOfRibWait) {
  private static final int MOST_SECONDS = 4095; // RFC 4724 section 3: 12 bits
  private static final Duration USUAL_WAIT = Duration.ofMinutes(5);

  /** What the config says; without that we ask for `usual` and help. */
  static RestartTimes of(ConfigImage image, Duration usual) {
    int seconds = (int) Math.min(usual.toSeconds(), MOST_SECONDS);
    RestartTimes found = new RestartTimes(new BgpServer.Restart(seconds, 0), true, USUAL_WAIT);
    for (ConfigObject object : image.objects("global-system-config")) {
      JsonNode told = object.property("graceful_restart_parameters");
      if (told != null) {
        found = of(told);
      }
    }
    return found;
  }

  private static RestartTimes of(JsonNode told) {
    boolean enabled = told.path("enable").asBoolean(false);
    int wait = seconds(told.path("end_of_rib_timeout"), 300);
    return new RestartTimes(
        enabled
            ? new BgpServer.Restart(
                Math.min(seconds(told.path("restart_time"), 300), MOST_SECONDS),
                seconds(told.path("long_lived_restart_time"), 300))
            : BgpServer.Restart.NONE,
        enabled && told.path("bgp_helper_enable").asBoolean(false),
        Duration.ofSeconds(wait));
  }

  private static int seconds(@Nullable JsonNode node, int otherwise) {
    return node != null && node.isNumber() ? node.asInt() : otherwise;
  }
}
