package weft.bench;

/** Measures the config API as a client sees it. */
public final class ConfigBench {
  /** What the config lies in. */
  public enum Engine {
    EMBEDDED,
    ETCD
  }

  private final boolean quick;
  private final Engine engine;

  public ConfigBench(boolean quick, Engine engine) {
    this.quick = quick;
    this.engine = engine;
  }

  public void run(Report report) {
    report.say("config API on the " + engine + " store" + (quick ? ", quick" : ""));
  }
}
