package weft.agent.relay;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How much each guest holds of something limited, so that none takes the share of the others. */
public final class Shares {
  private final int each;
  private final Map<Integer, Integer> held = new ConcurrentHashMap<>();

  public Shares(int each) {
    this.each = each;
  }

  /** True if the guest of `vif` may hold one more; then {@link #release} is due. */
  public boolean take(int vif) {
    return held.merge(vif, 1, (had, one) -> Math.min(had + one, each + 1)) <= each || surplus(vif);
  }

  private boolean surplus(int vif) {
    release(vif);
    return false;
  }

  public void release(int vif) {
    held.computeIfPresent(vif, (_, had) -> had == 1 ? null : had - 1);
  }
}
