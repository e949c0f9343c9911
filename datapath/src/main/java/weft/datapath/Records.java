package weft.datapath;

import java.lang.foreign.MemorySegment;
import weft.vrouter.Drop;
import weft.vrouter.DropReason;
import weft.vrouter.Trap;

/** What the programs write into rings: trapped packets, and drops while they are watched. */
final class Records {
  static final int TRAPS = 1 << 20;
  static final int DROPS = 1 << 18;

  private final Struct trap;
  private final Struct drop;
  private final FlowTable flows;

  Records(BpfObject object, FlowTable flows) {
    this.trap = object.struct("trap_header");
    this.drop = object.struct("drop_event");
    this.flows = flows;
  }

  Trap trap(MemorySegment record) {
    return new Trap(
        Bytes.constant(Trap.Reason.values(), Bytes.u16(record, trap.at("reason"))),
        Bytes.i32(record, trap.at("vif")),
        Bytes.bytes(record, trap.size(), Bytes.u16(record, trap.at("length"))));
  }

  Drop drop(MemorySegment record) {
    return new Drop(
        Bytes.i32(record, drop.at("vif")),
        Bytes.constant(DropReason.values(), Bytes.i32(record, drop.at("reason"))),
        flows.keyAt(record.asSlice(drop.at("key"))),
        Bytes.i32(record, drop.at("acl")),
        Bytes.i32(record, drop.at("rule")));
  }
}
