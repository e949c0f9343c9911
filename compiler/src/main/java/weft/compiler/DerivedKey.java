package weft.compiler;

import weft.schema.FqName;

/** Names a derived object: the type, `access-control-list`, and the name. */
public record DerivedKey(String type, FqName fqName) implements Comparable<DerivedKey> {
  @Override
  public int compareTo(DerivedKey other) {
    int byType = type.compareTo(other.type);
    return byType != 0 ? byType : fqName.compareTo(other.fqName);
  }

  @Override
  public String toString() {
    return type + " " + fqName;
  }
}
