package weft.vrouter;

/** Where an incoming MPLS label leads. */
public record LabelEntry(int nextHop) implements TableValue {}
