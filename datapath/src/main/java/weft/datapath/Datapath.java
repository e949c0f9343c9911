package weft.datapath;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import weft.state.Delta;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.vrouter.Trap;

/**
 * The forwarding tables and programs of this host in the kernel.
 *
 * <p>It works in the network namespace of the thread that opens it. Programs, links and tables are
 * pinned: they go on when this object is closed or its process dies, and the next `open` takes them
 * over without losing a packet. All methods are for one thread, except that traps are told on a
 * thread of their own and `transmit` and `inject` may be called from any.
 */
@SuppressWarnings("DoNotCallSuggester") // bodies follow
public final class Datapath implements AutoCloseable {
  private Datapath() {}

  /**
   * Loads the programs and takes over what is pinned; then {@link #contents} says what is there. A
   * vif whose device has gone is no longer in it.
   *
   * @throws DatapathException if the kernel refuses
   */
  public static Datapath open(DatapathOptions options) {
    throw new UnsupportedOperationException(options.toString());
  }

  /** Detaches and forgets all that is pinned under the options' directory: forwarding ends. */
  public static void remove(DatapathOptions options) {
    throw new UnsupportedOperationException(options.toString());
  }

  /**
   * Writes and removes entries, in an order that never leaves a reference to what is not there yet.
   * A put of a vif also attaches the program to its device, a remove detaches it.
   *
   * @return what could not be done; all else is in force
   */
  public List<Failure> apply(Delta<TableKey, TableValue> delta) {
    throw new UnsupportedOperationException();
  }

  /** What the kernel's tables hold. */
  public Map<TableKey, TableValue> contents() {
    throw new UnsupportedOperationException();
  }

  /** Walks the flow table; a walk over a table in use may miss or repeat what changes meanwhile. */
  public void flows(Consumer<Flow> consumer) {
    throw new UnsupportedOperationException();
  }

  /** Removes a flow in both directions; false if it is not there. */
  public boolean deleteFlow(FlowKey key) {
    throw new UnsupportedOperationException();
  }

  /**
   * Removes flows that neither direction has used for `idle`.
   *
   * @return how many entries went
   */
  public int age(Duration idle) {
    throw new UnsupportedOperationException();
  }

  /** Packets dropped since the tables were made, by reason; reasons without any are left out. */
  public Map<DropReason, Long> drops() {
    throw new UnsupportedOperationException();
  }

  /** Likewise, by vif id. */
  public Map<Integer, Map<DropReason, Long>> vifDrops() {
    throw new UnsupportedOperationException();
  }

  /** Counters by vif id. */
  public Map<Integer, VifStats> vifStats() {
    throw new UnsupportedOperationException();
  }

  /** Starts telling `listener` of trapped packets, on a thread of its own, until this is closed. */
  public void traps(Consumer<Trap> listener) {
    throw new UnsupportedOperationException();
  }

  /** Sends `frame` out of the vif, to the guest. Its checksums must be complete. */
  public void transmit(int vif, byte[] frame) {
    throw new UnsupportedOperationException();
  }

  /** Takes `frame` as if the guest had sent it. Its checksums must be complete. */
  public void inject(int vif, byte[] frame) {
    throw new UnsupportedOperationException();
  }

  /** Lets go of the kernel's objects; forwarding goes on. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
