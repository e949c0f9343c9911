package weft.xmpp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import weft.net.XmlElement;

/**
 * Stanzas encoded once for many agents: all of them but the values of `to`, which each session puts
 * in as it sends.
 */
public final class SharedMessage {
  private final List<byte[]> fragments;
  private final String resource;

  /**
   * @param fragments the text, cut at each value of `to`
   * @param resource what follows the agent's name in `to`, such as `/bgp-peer`
   */
  SharedMessage(List<String> fragments, String resource) {
    this.fragments = fragments.stream().map(StreamCodec::utf8).toList();
    this.resource = resource;
  }

  /** The stanzas for one agent, in pieces; the last, the long one, is shared and only read. */
  List<byte[]> piecesFor(String agent) {
    StringBuilder to = new StringBuilder();
    XmlElement.escape(agent + resource, to);
    byte[] address = to.toString().getBytes(StandardCharsets.UTF_8);
    List<byte[]> pieces = new ArrayList<>(fragments.size());
    for (byte[] fragment : fragments.subList(0, fragments.size() - 1)) {
      byte[] patched = Arrays.copyOf(fragment, fragment.length + address.length);
      System.arraycopy(address, 0, patched, fragment.length, address.length);
      pieces.add(patched);
    }
    pieces.add(fragments.getLast());
    return pieces;
  }

  /** How many stanzas there are. */
  public int stanzas() {
    return fragments.size() - 1;
  }

  /** The length of what is shared. */
  public int length() {
    return fragments.stream().mapToInt(fragment -> fragment.length).sum();
  }

  /** The whole text for one agent. */
  public byte[] bytesFor(String agent) {
    List<byte[]> pieces = piecesFor(agent);
    byte[] whole = new byte[pieces.stream().mapToInt(piece -> piece.length).sum()];
    int at = 0;
    for (byte[] piece : pieces) {
      System.arraycopy(piece, 0, whole, at, piece.length);
      at += piece.length;
    }
    return whole;
  }
}
