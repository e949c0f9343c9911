package weft.keystone;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokens last asked for, no more than a number of them. */
final class TokenCache {
  private final Duration trusted;
  private final Duration refused;
  private final Map<String, Held> valid;
  private final Map<String, Instant> invalid;

  private record Held(Token token, Instant checked) {}

  /** What is remembered of a token; `fresh` says that Keystone need not be asked. */
  record Known(Verdict verdict, boolean fresh) {}

  TokenCache(int size, Duration trusted, Duration refused) {
    this.trusted = trusted;
    this.refused = refused;
    // Apart, for anybody can make up tokens.
    this.valid = bounded(size);
    this.invalid = bounded(size);
  }

  private static <V> Map<String, V> bounded(int size) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > size;
      }
    };
  }

  synchronized @Nullable Known get(String token, Instant now) {
    Held held = valid.get(token);
    if (held != null) {
      if (!now.isBefore(held.token().expires())) {
        valid.remove(token);
        return new Known(new Verdict.Invalid("the token has expired"), true);
      }
      return new Known(new Verdict.Valid(held.token()), now.isBefore(held.checked().plus(trusted)));
    }
    Instant until = invalid.get(token);
    if (until == null) {
      return null;
    }
    return new Known(new Verdict.Invalid("the token is not valid"), now.isBefore(until));
  }

  synchronized void put(String token, Verdict verdict, Instant now) {
    switch (verdict) {
      case Verdict.Valid(Token content) -> {
        invalid.remove(token);
        valid.put(token, new Held(content, now));
      }
      case Verdict.Invalid _ -> {
        valid.remove(token);
        invalid.put(token, now.plus(refused));
      }
      case Verdict.Unknown _ -> {}
    }
  }
}
