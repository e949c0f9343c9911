package weft.controller;

import weft.control.ControlNode;
import weft.neutron.Plugging;
import weft.schema.ConfigObject;

/**
 * Tells Neutron which ports are plugged: those of which an agent says so.
 *
 * @param control the control node that agents have sessions with
 * @param alone whether there is no other one; where there is, it may know what this one does not
 */
record Hosts(ControlNode control, boolean alone) implements Plugging {
  @Override
  public State of(ConfigObject port) {
    if (control.isActive(port.uuid())) {
      return State.PLUGGED;
    }
    return alone ? State.UNPLUGGED : State.UNKNOWN;
  }

  @Override
  public boolean connected(ConfigObject router) {
    return control.isConnected(router.fqName());
  }
}
