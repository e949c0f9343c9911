package weft.net;

/**
 * The `administrator:number` pair in which route distinguishers and route targets are written.
 *
 * <p>An AS number over 65535, or one followed by `L`, is a four-byte one and leaves 16 bits for the
 * number; so does an address. A two-byte AS number leaves 32.
 */
record AdministeredNumber(Administrator administrator, long number) {
  sealed interface Administrator {}

  record Address(Ipv4Address address) implements Administrator {}

  record As2(int asn) implements Administrator {}

  record As4(long asn) implements Administrator {}

  static AdministeredNumber parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw malformed(text);
    }
    String head = text.substring(0, colon);
    Administrator administrator;
    if (head.indexOf('.') >= 0) {
      administrator = new Address(Ipv4Address.parse(head));
    } else if (head.endsWith("L")) {
      administrator = new As4(number(text, head.substring(0, head.length() - 1), 0xffff_ffffL));
    } else {
      long asn = number(text, head, 0xffff_ffffL);
      administrator = asn > 0xffff ? new As4(asn) : new As2((int) asn);
    }
    long most = administrator instanceof As2 ? 0xffff_ffffL : 0xffff;
    return new AdministeredNumber(administrator, number(text, text.substring(colon + 1), most));
  }

  private static long number(String whole, String digits, long most) {
    if (digits.isEmpty()
        || digits.length() > 10
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw malformed(whole);
    }
    long value = Long.parseLong(digits);
    if (value > most) {
      throw new IllegalArgumentException("'" + whole + "': " + value + " is over " + most);
    }
    return value;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException("'" + text + "' is not administrator:number");
  }
}
