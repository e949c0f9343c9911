package weft.lab;

/**
 * The lab could not be made as asked: a program of the system failed, or something did not come
 * about in time.
 */
public final class LabException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public LabException(String message) {
    super(message);
  }
}
