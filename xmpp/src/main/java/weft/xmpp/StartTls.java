package weft.xmpp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import weft.net.XmlElement;
import weft.state.io.Transport;

/**
 * What passes before the stream proper where TLS is used. Calls block; the owner closes the channel
 * of one that takes too long.
 *
 * <pre>
 *  agent         control node
 *  stream  ────►
 *          ◄──── stream, features: starttls required
 *  starttls ───►
 *          ◄──── proceed
 *  ◄── handshake, each shows its certificate ──►
 *  stream  ────►  … inside TLS
 * </pre>
 */
final class StartTls {
  private static final String NAMESPACE = "urn:ietf:params:xml:ns:xmpp-tls";
  private static final String FEATURES =
      "<stream:features><starttls xmlns=\""
          + NAMESPACE
          + "\"><required/></starttls></stream:features>";
  private static final String STARTTLS = "<starttls xmlns=\"" + NAMESPACE + "\"/>";
  private static final String PROCEED = "<proceed xmlns=\"" + NAMESPACE + "\"/>";
  private static final Pattern COMMON_NAME = Pattern.compile("(?:^|[,+])CN=([^,+\\\\]*)");
  private static final int MAX_TAG = 4096;
  private static final int MAX_TAGS = 32;

  private StartTls() {}

  /**
   * A channel that has become secret.
   *
   * @param peerNames what the peer's certificate says that it is
   */
  record Secured(Transport transport, Set<String> peerNames) {}

  /** The peer does not do what it must; the message is the reason. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    Refused(String reason) {
      super(reason);
    }
  }

  static Secured server(SocketChannel channel, String name, SSLContext context) throws IOException {
    String header = tag(channel);
    if (!header.startsWith("<stream:stream")) {
      throw new Refused("stream header expected");
    }
    write(
        channel,
        new String(
                StreamCodec.open(
                    new Message.StreamOpen(name, from(header), "++123", "jabber:client")),
                StandardCharsets.UTF_8)
            + FEATURES);
    String answer = tag(channel);
    if (!answer.startsWith("<starttls")) {
      throw new Refused("TLS is required, and the peer did not ask for it");
    }
    if (!answer.endsWith("/>")) {
      String _ = tag(channel);
    }
    write(channel, PROCEED);
    return handshake(channel, context, false);
  }

  private static String from(String header) {
    byte[] whole = StreamCodec.utf8(header.replaceFirst("\\s*/?>$", "></stream:stream>"));
    return switch (XmlReader.read(whole, 0, whole.length)) {
      case Decoded.Ok<XmlElement>(XmlElement element) -> {
        String from = element.attribute("from");
        yield from == null ? "" : from;
      }
      case Decoded.Malformed<XmlElement> _ -> "";
    };
  }

  static Secured client(SocketChannel channel, String name, String control, SSLContext context)
      throws IOException {
    byte[] header = StreamCodec.open(new Message.StreamOpen(name, control, "", ""));
    write(channel, new String(header, StandardCharsets.UTF_8));
    boolean offered = false;
    String seen = tag(channel);
    for (int tags = 0; !seen.startsWith("</stream:features"); tags++) {
      offered |= seen.startsWith("<starttls");
      if (tags == MAX_TAGS || seen.startsWith("<iq") || seen.startsWith("<message")) {
        throw new Refused("the control node offers no TLS");
      }
      seen = tag(channel);
    }
    if (!offered) {
      throw new Refused("the control node offers no TLS");
    }
    write(channel, STARTTLS);
    if (!tag(channel).startsWith("<proceed")) {
      throw new Refused("the control node does not proceed with TLS");
    }
    return handshake(channel, context, true);
  }

  private static Secured handshake(SocketChannel channel, SSLContext context, boolean client)
      throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(channel.socket(), "", channel.socket().getPort(), true);
    socket.setUseClientMode(client);
    socket.setNeedClientAuth(true);
    socket.startHandshake();
    return new Secured(Transport.Layered.of(socket), names(socket));
  }

  private static Set<String> names(SSLSocket socket) throws SSLException {
    Certificate[] chain = socket.getSession().getPeerCertificates();
    return chain[0] instanceof X509Certificate certificate ? names(certificate) : Set.of();
  }

  /** Alternative names of every kind that is text, and the common name. */
  static Set<String> names(X509Certificate certificate) throws SSLException {
    Set<String> names = new TreeSet<>();
    try {
      Matcher common = COMMON_NAME.matcher(certificate.getSubjectX500Principal().getName());
      while (common.find()) {
        names.add(common.group(1));
      }
      Collection<List<?>> others = certificate.getSubjectAlternativeNames();
      for (List<?> other : others == null ? List.<List<?>>of() : others) {
        if (other.get(1) instanceof String text) {
          names.add(text);
        }
      }
    } catch (CertificateParsingException e) {
      throw new SSLException("names of the certificate: " + e.getMessage(), e);
    }
    return names;
  }

  // ---- tags in the clear ----

  private static void write(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(StreamCodec.utf8(text));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** The next tag but a declaration; nothing behind it is read, since that may be TLS's. */
  private static String tag(SocketChannel channel) throws IOException {
    String tag;
    do {
      tag = anyTag(channel);
    } while (tag.startsWith("<?"));
    return tag;
  }

  private static String anyTag(SocketChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    StringBuilder tag = new StringBuilder();
    char quote = 0;
    while (tag.length() < MAX_TAG) {
      if (channel.read(one.clear()) < 0) {
        throw new EOFException("closed before TLS");
      }
      char c = (char) (one.get(0) & 0xff);
      if (tag.isEmpty() && c != '<') {
        if (c > ' ' && c != 0xc8 && c != 0x80) {
          throw new Refused("no XMPP");
        }
        continue;
      }
      tag.append(c);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return tag.toString();
      }
    }
    throw new Refused("endless tag");
  }
}
