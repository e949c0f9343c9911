package weft.routing;

/** Something kept by its key, with the key's hash at hand. */
abstract class Keyed {
  final RouteKey key;
  final int hash;

  Keyed(RouteKey key) {
    this.key = key;
    this.hash = hash(key);
  }

  /** Spread over all bits: the keys of a table lie close together. */
  static int hash(RouteKey key) {
    int h = key.hashCode();
    h = (h ^ h >>> 16) * 0x85eb_ca6b;
    h = (h ^ h >>> 13) * 0xc2b2_ae35;
    return h ^ h >>> 16;
  }
}
