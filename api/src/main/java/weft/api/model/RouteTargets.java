package weft.api.model;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.net.RouteTarget;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** Route targets: the name is the value; some values are the compiler's to give. */
final class RouteTargets implements Behaviour {
  private static final FqName SYSTEM = FqName.of("default-global-system-config");
  private static final long DEFAULT_ASN = 64512;
  private static final long TWO_BYTES = 0xffff;

  /** The targets that the compiler allocates within the global AS. */
  record Automatic(long asn, long first, long last) {
    boolean contains(long asNumber, long number) {
      return asNumber == asn && first <= number && number <= last;
    }
  }

  @Override
  public void onCreate(Draft draft) {
    parse(draft.fqName().name());
  }

  private static void parse(String text) {
    try {
      RouteTarget.parse(text);
    } catch (IllegalArgumentException _) {
      throw HttpError.badRequest(
          "Route target must be of the format 'target:<asn>:<number>' or 'target:<ip>:<number>'");
    }
  }

  /** Refuses what a property configures if it is no target, or one that may be given out. */
  static void checkConfigured(Draft draft, String property) {
    if (!draft.requested(property)) {
      return;
    }
    Automatic automatic = automatic(draft.image());
    for (JsonNode each : draft.body().path(property).path("route_target")) {
      String text = each.asString("");
      parse(text);
      String[] parts = text.split(":", -1);
      boolean numeric = parts[1].matches("\\d+");
      if (numeric && automatic.contains(Long.parseLong(parts[1]), Long.parseLong(parts[2]))) {
        throw HttpError.badRequest(
            "Configured route target must use ASN that is different from global ASN or route"
                + " target value must be less than "
                + automatic.first()
                + " and greater than "
                + automatic.last());
      }
    }
  }

  static @Nullable ConfigObject system(ConfigImage image) {
    return image.object("global-system-config", SYSTEM);
  }

  static long globalAsn(ConfigImage image) {
    ConfigObject system = system(image);
    JsonNode configured = system == null ? null : system.property("autonomous_system");
    return configured == null ? DEFAULT_ASN : configured.asLong(DEFAULT_ASN);
  }

  private static Automatic automatic(ConfigImage image) {
    long asn = globalAsn(image);
    return asn > TWO_BYTES
        ? new Automatic(asn, 8_000, 1 << 15)
        : new Automatic(asn, 8_000_000, 1 << 24);
  }
}
