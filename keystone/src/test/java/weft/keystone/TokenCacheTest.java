package weft.keystone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenCacheTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Token.Named SOMEBODY = new Token.Named("1", "one");

  private final TokenCache cache =
      new TokenCache(3, Duration.ofSeconds(300), Duration.ofSeconds(10));

  private static Verdict valid(int seconds) {
    return new Verdict.Valid(
        new Token(SOMEBODY, SOMEBODY, SOMEBODY, Set.of(), START.plusSeconds(seconds)));
  }

  private boolean fresh(String token, int seconds) {
    TokenCache.Known known = cache.get(token, START.plusSeconds(seconds));
    return known != null && known.fresh();
  }

  @Test
  void aValidTokenIsTrustedForAWhileAndKeptUntilItExpires() {
    cache.put("a", valid(1000), START);
    assertThat(fresh("a", 299)).isTrue();
    assertThat(fresh("a", 300)).isFalse();
    assertThat(cache.get("a", START.plusSeconds(999)).verdict()).isInstanceOf(Verdict.Valid.class);
    assertThat(cache.get("a", START.plusSeconds(1000)).verdict())
        .isInstanceOf(Verdict.Invalid.class);
    assertThat(cache.get("a", START)).isNull();
  }

  @Test
  void oneThatExpiresSoonerThanItIsTrusted() {
    cache.put("a", valid(5), START);
    assertThat(cache.get("a", START.plusSeconds(5)).verdict()).isInstanceOf(Verdict.Invalid.class);
  }

  @Test
  void aRefusedTokenIsRememberedBriefly() {
    cache.put("a", valid(1000), START);
    cache.put("a", new Verdict.Invalid("revoked"), START);
    assertThat(cache.get("a", START).verdict()).isInstanceOf(Verdict.Invalid.class);
    assertThat(fresh("a", 9)).isTrue();
    assertThat(fresh("a", 10)).isFalse();
  }

  @Test
  void refusedTokensDoNotDisplaceValidOnes() {
    cache.put("a", valid(1000), START);
    for (int i = 0; i < 100; i++) {
      cache.put("made up " + i, new Verdict.Invalid("no"), START);
    }
    assertThat(fresh("a", 1)).isTrue();
    assertThat(fresh("made up 99", 1)).isTrue();
    assertThat(cache.get("made up 1", START)).isNull();
  }

  @Test
  void theLeastUsedGoesFirst() {
    for (String token : new String[] {"a", "b", "c"}) {
      cache.put(token, valid(1000), START);
    }
    assertThat(fresh("a", 1)).isTrue();
    cache.put("d", valid(1000), START);
    assertThat(cache.get("b", START)).isNull();
    assertThat(fresh("a", 1)).isTrue();
  }

  @Test
  void whatIsNotKnownChangesNothing() {
    cache.put("a", valid(1000), START);
    cache.put("a", new Verdict.Unknown("away"), START.plusSeconds(400));
    assertThat(fresh("a", 400)).isFalse();
    assertThat(cache.get("a", START.plusSeconds(400)).verdict()).isInstanceOf(Verdict.Valid.class);
  }
}
