package weft.config;

/** What is wrong with a file that should be a backup, in a text for people. */
public final class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BackupException(String text) {
    super(text);
  }

  BackupException(String text, Throwable cause) {
    super(text, cause);
  }
}
