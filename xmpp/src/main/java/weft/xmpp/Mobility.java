package weft.xmpp;

/** The `mobility` element: how often a MAC has moved, and whether it may not. */
public record Mobility(boolean sticky, long sequence) {
  public static final Mobility NONE = new Mobility(false, 0);
}
