package weft.schema.generator;

import javax.lang.model.SourceVersion;

/** Names of the schema as names of Java. */
final class JavaNames {
  private JavaNames() {}

  /** `virtual-DNS-record` becomes `VirtualDNSRecord`. */
  static String type(String name) {
    StringBuilder out = new StringBuilder();
    for (String word : name.split("[-_]")) {
      out.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return out.toString();
  }

  /** `ip_prefix_len` becomes `ipPrefixLen`, a keyword gets an underscore. */
  static String component(String name) {
    String joined = type(name);
    int capitals = 0;
    while (capitals < joined.length() && Character.isUpperCase(joined.charAt(capitals))) {
      capitals++;
    }
    int lower = capitals == joined.length() ? capitals : Math.max(1, capitals - 1);
    String result =
        joined.substring(0, lower).toLowerCase(java.util.Locale.ROOT) + joined.substring(lower);
    return SourceVersion.isKeyword(result) ? result + "_" : result;
  }
}
