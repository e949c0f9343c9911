package weft.neutron;

import java.math.BigInteger;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/** Which part of some prefixes is free. */
final class PrefixSpace {
  private PrefixSpace() {}

  /** The lowest free prefix of the length; null if there is none. */
  static @Nullable IpPrefix free(List<IpPrefix> prefixes, int length, Collection<IpPrefix> taken) {
    for (IpPrefix prefix : prefixes.stream().sorted().toList()) {
      IpPrefix found = length < prefix.length() ? null : free(prefix, length, taken);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable IpPrefix free(IpPrefix space, int length, Collection<IpPrefix> taken) {
    List<IpPrefix> inside =
        taken.stream()
            .filter(space::overlaps)
            .sorted(Comparator.comparing(IpPrefix::address))
            .toList();
    BigInteger step = size(space, length);
    BigInteger at = number(space.address());
    for (IpPrefix other : inside) {
      if (at.add(step).compareTo(number(other.address())) <= 0) {
        break;
      }
      BigInteger behind = number(other.address()).add(size(other, other.length()));
      at = at.max(behind.add(step).subtract(BigInteger.ONE).divide(step).multiply(step));
    }
    BigInteger end = number(space.address()).add(size(space, space.length()));
    return at.add(step).compareTo(end) <= 0
        ? new IpPrefix(address(at, space.isV4() ? 4 : 16), length)
        : null;
  }

  /** How many addresses a prefix of the length has, in the family of `like`. */
  private static BigInteger size(IpPrefix like, int length) {
    return BigInteger.ONE.shiftLeft((like.isV4() ? 32 : 128) - length);
  }

  private static BigInteger number(IpAddress address) {
    return new BigInteger(1, address.toBytes());
  }

  private static IpAddress address(BigInteger number, int length) {
    byte[] digits = number.toByteArray();
    byte[] bytes = new byte[length];
    int from = Math.max(0, digits.length - length);
    System.arraycopy(digits, from, bytes, length - digits.length + from, digits.length - from);
    return IpAddress.of(bytes);
  }

  /** Without what lies within another, and with halves joined. */
  static List<IpPrefix> joined(Collection<IpPrefix> prefixes) {
    List<IpPrefix> all = new java.util.ArrayList<>();
    for (IpPrefix each :
        prefixes.stream()
            .sorted(Comparator.comparing(IpPrefix::address).thenComparingInt(IpPrefix::length))
            .toList()) {
      add(all, each);
    }
    return all;
  }

  private static void add(List<IpPrefix> all, IpPrefix next) {
    if (all.isEmpty()) {
      all.add(next);
      return;
    }
    IpPrefix last = all.getLast();
    if (last.contains(next)) {
      return;
    }
    if (last.length() == next.length() && last.length() > 0) {
      IpPrefix both = new IpPrefix(last.address().masked(last.length() - 1), last.length() - 1);
      if (both.contains(next) && both.address().equals(last.address())) {
        all.removeLast();
        add(all, both);
        return;
      }
    }
    all.add(next);
  }
}
