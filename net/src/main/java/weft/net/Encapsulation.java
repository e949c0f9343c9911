package weft.net;

import org.jspecify.annotations.Nullable;

/** A tunnel encapsulation, with its word on XMPP and its code in BGP (RFC 9012 section 4.1). */
public enum Encapsulation {
  MPLS_O_GRE("gre", 11),
  MPLS_O_UDP("udp", 13),
  VXLAN("vxlan", 8);

  private final String word;
  private final int code;

  Encapsulation(String word, int code) {
    this.word = word;
    this.code = code;
  }

  /** The word in XMPP's tunnel-encapsulation element. */
  public String word() {
    return word;
  }

  /** The tunnel type in the encapsulation extended community. */
  public int code() {
    return code;
  }

  /** The encapsulation of an XMPP word, or null for one that Weft does not speak. */
  public static @Nullable Encapsulation ofWord(String word) {
    for (Encapsulation e : values()) {
      if (e.word.equals(word)) {
        return e;
      }
    }
    return null;
  }

  /**
   * The encapsulation of a BGP code, or null. Plain GRE (2) is read as MPLSoGRE, as Tungsten
   * Fabric's agents send it.
   */
  public static @Nullable Encapsulation ofCode(int code) {
    if (code == 2) {
      return MPLS_O_GRE;
    }
    for (Encapsulation e : values()) {
      if (e.code == code) {
        return e;
      }
    }
    return null;
  }

  /** The encapsulation of a config word such as `MPLSoUDP`, in any case, or null. */
  public static @Nullable Encapsulation ofConfig(String text) {
    for (Encapsulation e : values()) {
      if (e.toString().equalsIgnoreCase(text)) {
        return e;
      }
    }
    return null;
  }

  /** The config model's word: `MPLSoGRE`, `MPLSoUDP`, `VXLAN`. */
  @Override
  public String toString() {
    return switch (this) {
      case MPLS_O_GRE -> "MPLSoGRE";
      case MPLS_O_UDP -> "MPLSoUDP";
      case VXLAN -> "VXLAN";
    };
  }
}
