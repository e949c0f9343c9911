package weft.controller;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Values by key as an operator set them, over defaults that are declared once, with what they mean.
 *
 * <p>A key that is not declared is refused, with the nearest one that is.
 */
final class Settings {
  /** A key that may be set. */
  record Key(String name, String fallback, String meaning) {}

  private final Map<String, Key> keys;
  private final Map<String, String> values = new LinkedHashMap<>();

  private Settings(Map<String, Key> keys) {
    this.keys = keys;
  }

  /**
   * Takes the values of a file.
   *
   * @throws IllegalArgumentException with a text for people, if a key is not declared
   */
  static Settings of(Iterable<Key> declared, Properties set) {
    Map<String, Key> keys = new LinkedHashMap<>();
    declared.forEach(key -> keys.put(key.name(), key));
    Settings settings = new Settings(keys);
    for (String name : new java.util.TreeSet<>(set.stringPropertyNames())) {
      if (!keys.containsKey(name)) {
        throw new IllegalArgumentException(
            "unknown key " + name + "; did you mean " + settings.nearest(name) + "?");
      }
      settings.values.put(name, set.getProperty(name).trim());
    }
    return settings;
  }

  static Properties load(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    return properties;
  }

  String text(String name) {
    Key key = keys.get(name);
    if (key == null) {
      throw new IllegalStateException("not declared: " + name);
    }
    return values.getOrDefault(name, key.fallback());
  }

  /** Whether a key has another value than by default. */
  boolean isChanged(String name) {
    Key key = keys.get(name);
    return key != null && !text(name).equals(key.fallback());
  }

  int port(String name) {
    return number(name, 0, 0xffff);
  }

  int number(String name, int least, int most) {
    String text = text(name);
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": '" + text + "' is not a number", e);
    }
    throw new IllegalArgumentException(name + ": " + text + " is not in " + least + ".." + most);
  }

  private String nearest(String name) {
    return keys.keySet().stream()
        .min(java.util.Comparator.comparingInt((String key) -> distance(name, key)))
        .orElseThrow();
  }

  /** How many letters have to be added, removed or changed. */
  static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
