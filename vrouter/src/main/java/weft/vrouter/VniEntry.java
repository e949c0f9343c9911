package weft.vrouter;

/** Where an incoming VNI leads. */
public record VniEntry(int nextHop) implements TableValue {}
