package weft.agent.local;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.net.MacAddress;

/**
 * Answers echo of ICMP and ICMPv6 (RFC 792, RFC 4443) for the addresses that are the vRouter's own.
 */
public final class Echo {
  private static final int REQUEST = 8;
  private static final int REQUEST_V6 = 128;
  private static final int REPLY_V6 = 129;

  private Echo() {}

  /** The answer to a frame, or null if it is not an echo request. */
  public static byte @Nullable [] answer(byte[] frame) {
    Ipv6Frame v6 = Ipv6Frame.parse(frame);
    return v6 == null ? answer(Ipv4Frame.parse(frame)) : answer(v6);
  }

  private static byte @Nullable [] answer(Ipv6Frame request) {
    byte[] message = request.payload();
    if (request.nextHeader() != Ipv6Frame.ICMP
        || message.length < 8
        || (message[0] & 0xff) != REQUEST_V6
        || message[1] != 0) {
      return null;
    }
    byte[] reply = message.clone();
    reply[0] = (byte) REPLY_V6;
    reply[2] = 0;
    reply[3] = 0;
    return new Ipv6Frame(
            /* destinationMac= */ request.sourceMac(),
            /* sourceMac= */ MacAddress.GATEWAY,
            /* source= */ request.destination(),
            /* destination= */ request.source(),
            Ipv6Frame.ICMP,
            Ipv6Frame.USUAL,
            Ipv6Frame.icmp(
                /* source= */ request.destination(), /* destination= */ request.source(), reply))
        .toBytes();
  }

  private static byte @Nullable [] answer(@Nullable Ipv4Frame request) {
    if (request == null
        || request.protocol() != Ipv4Frame.ICMP
        || request.payload().length < 8
        || request.payload()[0] != REQUEST
        || request.payload()[1] != 0) {
      return null;
    }
    byte[] reply = Arrays.copyOf(request.payload(), request.payload().length);
    reply[0] = 0;
    reply[2] = 0;
    reply[3] = 0;
    int check = Ipv4Frame.fold(Ipv4Frame.sum(reply, 0, reply.length, 0));
    reply[2] = (byte) (check >> 8);
    reply[3] = (byte) check;
    return new Ipv4Frame(
            /* destinationMac= */ request.sourceMac(),
            /* sourceMac= */ MacAddress.GATEWAY,
            /* source= */ request.destination(),
            /* destination= */ request.source(),
            Ipv4Frame.ICMP,
            reply)
        .toBytes();
  }
}
