package weft.datapath;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A C struct's layout, as the BPF object's own type information (BTF) gives it. */
record Struct(String name, int size, Map<String, Integer> offsets) {
  private static final int KIND_STRUCT = 4;
  private static final int KIND_ENUM = 6;
  private static final int HEADER = 12;
  private static final int MEMBER = 12;
  private static final int ENUMERATOR = 8;

  Struct {
    offsets = Map.copyOf(offsets);
  }

  /** Where a field starts. */
  int at(String field) {
    Integer offset = offsets.get(field);
    if (offset == null) {
      throw new DatapathException("the BPF object's struct " + name + " has no field " + field);
    }
    return offset;
  }

  /** Reads `struct name` from the object's BTF. */
  static Struct read(MemorySegment btf, String name) {
    MemorySegment type = type(btf, name, KIND_STRUCT, MEMBER);
    Map<String, Integer> offsets = new HashMap<>();
    for (long at = HEADER; at < type.byteSize(); at += MEMBER) {
      int bits = type.get(JAVA_INT_UNALIGNED, at + 8);
      offsets.put(Libbpf.btfName(btf, type.get(JAVA_INT_UNALIGNED, at)), bits / 8);
    }
    return new Struct(name, type.get(JAVA_INT_UNALIGNED, 8), offsets);
  }

  /** Reads the constants of `enum name`, in the order they are written. */
  static Map<String, Integer> readEnum(MemorySegment btf, String name) {
    MemorySegment type = type(btf, name, KIND_ENUM, ENUMERATOR);
    Map<String, Integer> constants = new LinkedHashMap<>();
    for (long at = HEADER; at < type.byteSize(); at += ENUMERATOR) {
      constants.put(
          Libbpf.btfName(btf, type.get(JAVA_INT_UNALIGNED, at)),
          type.get(JAVA_INT_UNALIGNED, at + 4));
    }
    return constants;
  }

  /** A type and what follows it: name offset, info (count in its low 16 bits), size, members. */
  private static MemorySegment type(MemorySegment btf, String name, int kind, int member) {
    MemorySegment header = Libbpf.btfType(btf, name, kind, HEADER);
    if (header == null) {
      throw new DatapathException("the BPF object does not describe " + name);
    }
    int count = header.get(JAVA_INT_UNALIGNED, 4) & 0xffff;
    return Native.view(header, HEADER + (long) count * member);
  }
}
