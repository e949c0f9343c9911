package weft.controller;

import weft.control.ControlNode;
import weft.neutron.Plugging;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/**
 * Tells Neutron which ports are plugged: those of machines that an agent says it has.
 *
 * @param control the control node that agents have sessions with
 * @param alone whether there is no other one; where there is, it may know what this one does not
 */
record Hosts(ControlNode control, boolean alone) implements Plugging {
  @Override
  public State of(ConfigObject port) {
    for (Ref machine : port.refs("virtual-machine")) {
      if (control.hosts(machine.to().toString())) {
        return State.PLUGGED;
      }
    }
    return alone ? State.UNPLUGGED : State.UNKNOWN;
  }
}
