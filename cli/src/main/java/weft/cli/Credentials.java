package weft.cli;

import org.jspecify.annotations.Nullable;

/** What a command shows to a server that asks who is calling. */
interface Credentials {
  /** For a server that asks nobody. */
  Credentials NONE =
      new Credentials() {
        @Override
        public @Nullable String known() {
          return null;
        }

        @Override
        public @Nullable String fetch() {
          return null;
        }

        @Override
        public String advice() {
          return "";
        }
      };

  /** A token that is at hand. */
  @Nullable String known();

  /**
   * A token, got with a password; null if there is none.
   *
   * @throws Failure if it is refused
   */
  @Nullable String fetch();

  /** What to do about a refusal, to be put behind it. */
  String advice();
}
