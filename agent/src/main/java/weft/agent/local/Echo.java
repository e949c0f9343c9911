package weft.agent.local;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.net.MacAddress;

/** Answers ICMP echo (RFC 792) for the addresses that are the vRouter's own. */
public final class Echo {
  private static final int REQUEST = 8;

  private Echo() {}

  /** The answer to a frame, or null if it is not an echo request. */
  public static byte @Nullable [] answer(byte[] frame) {
    Ipv4Frame request = Ipv4Frame.parse(frame);
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
