package weft.bgp;

import java.util.List;

/** What a speaker says it can do (RFC 5492). */
public sealed interface Capability {
  int code();

  /** RFC 4760. */
  record MultiProtocol(Family family) implements Capability {
    @Override
    public int code() {
      return 1;
    }
  }

  /** RFC 2918. */
  record RouteRefresh() implements Capability {
    @Override
    public int code() {
      return 2;
    }
  }

  /**
   * RFC 8950: routes of these families may have an IPv6 next hop.
   *
   * @param families those of IPv4
   */
  record ExtendedNextHop(List<Family> families) implements Capability {
    public ExtendedNextHop {
      families = List.copyOf(families);
    }

    @Override
    public int code() {
      return 5;
    }
  }

  /** RFC 8654. */
  record ExtendedMessage() implements Capability {
    @Override
    public int code() {
      return 6;
    }
  }

  /**
   * RFC 4724, RFC 8538.
   *
   * @param restarting bit R
   * @param notification bit N
   * @param time seconds
   */
  record GracefulRestart(
      boolean restarting, boolean notification, int time, List<Preserved> families)
      implements Capability {
    public GracefulRestart {
      families = List.copyOf(families);
    }

    /**
     * @param forwarding bit F: the forwarding state of this family was kept
     */
    public record Preserved(Family family, boolean forwarding) {}

    @Override
    public int code() {
      return 64;
    }
  }

  /** RFC 6793. */
  record FourOctetAs(long asn) implements Capability {
    @Override
    public int code() {
      return 65;
    }
  }

  /** RFC 7911: several paths to one route. */
  record AddPath(List<Mode> families) implements Capability {
    public AddPath {
      families = List.copyOf(families);
    }

    /** What the speaker who says so does. */
    public record Mode(Family family, boolean receives, boolean sends) {}

    @Override
    public int code() {
      return 69;
    }
  }

  /** RFC 7313. */
  record EnhancedRouteRefresh() implements Capability {
    @Override
    public int code() {
      return 70;
    }
  }

  /** RFC 9494. */
  record LongLivedGracefulRestart(List<Stale> families) implements Capability {
    public LongLivedGracefulRestart {
      families = List.copyOf(families);
    }

    /**
     * @param time seconds, 24 bits
     */
    public record Stale(Family family, boolean forwarding, int time) {}

    @Override
    public int code() {
      return 71;
    }
  }

  /** Any other, kept as it came. */
  record Unknown(int code, Nlri.HexBytes value) implements Capability {}
}
