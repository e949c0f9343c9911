package weft.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import weft.bench.BgpLoad.Kind;

class BgpLoadTest {
  private static final int ROUTES = 5000;

  /** Reads messages as a receiver does; returns how many there were. */
  private static int read(byte[] messages, Kind kind, BitSet told) {
    int count = 0;
    for (int at = 0; at < messages.length; count++) {
      int length = BgpWire.u16(messages, at + 16);
      assertThat(length).isBetween(23, 4096);
      assertThat(messages[at + 18]).isEqualTo((byte) BgpWire.UPDATE);
      BgpWire.routes(messages, at, at + length, kind, told::set);
      at += length;
    }
    return count;
  }

  @ParameterizedTest
  @EnumSource
  void everyRouteIsToldOnceAndTakenBack(Kind kind) {
    BgpLoad load = new BgpLoad(kind, 2, ROUTES, 10);
    BitSet told = new BitSet();
    int first = read(load.announcements(0), kind, told);
    assertThat(told.cardinality()).isEqualTo(ROUTES);
    assertThat(told.length()).isEqualTo(ROUTES);
    read(load.announcements(1), kind, told);
    assertThat(told.cardinality()).isEqualTo(2 * ROUTES);
    read(load.withdrawals(0), kind, told);
    assertThat(told.cardinality()).isEqualTo(ROUTES);
    assertThat(told.nextSetBit(0)).isEqualTo(ROUTES);
    // Ten sets of attributes, 500 routes each: no more messages than the size of a route asks for.
    assertThat(first)
        .isEqualTo(
            switch (kind) {
              case VPNV4 -> 20;
              case EVPN -> 50;
              case IPV4 -> 10;
            });
  }
}
