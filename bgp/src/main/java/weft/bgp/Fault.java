package weft.bgp;

import weft.net.Writer;

/**
 * A message that costs the session, on its way from where it was noticed to the codec's public
 * method.
 */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1;

  static final int HEADER = 1;
  static final int OPEN = 2;
  static final int UPDATE = 3;
  static final int REFRESH = 7;

  private final transient Message.Notification notification;

  Fault(Message.Notification notification, String reason) {
    super(reason, null, false, false);
    this.notification = notification;
  }

  static Fault of(int code, int subcode, String reason) {
    return new Fault(Message.Notification.of(code, subcode), reason);
  }

  /** With two bytes of data: a length or a version. */
  static Fault of(int code, int subcode, int data, String reason) {
    byte[] bytes = new Writer().u16(data).toBytes();
    return new Fault(new Message.Notification(code, subcode, Nlri.HexBytes.of(bytes)), reason);
  }

  Decoded.Malformed toMalformed() {
    return new Decoded.Malformed(notification, String.valueOf(getMessage()));
  }
}
