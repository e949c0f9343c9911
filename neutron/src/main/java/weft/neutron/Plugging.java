package weft.neutron;

import weft.schema.ConfigObject;

/** Tells whether a host has plugged a port: where the real status of ports comes from. */
@FunctionalInterface
public interface Plugging {
  /** Nothing is known of any host: a port counts as plugged once it has a device. */
  Plugging UNKNOWN = _ -> State.UNKNOWN;

  /** What is known of a port. */
  enum State {
    PLUGGED,
    UNPLUGGED,
    UNKNOWN
  }

  /**
   * @param port a virtual-machine-interface
   */
  State of(ConfigObject port);

  /**
   * Whether the agent of a host has a session with a control node.
   *
   * @param router a virtual-router
   */
  default boolean connected(ConfigObject router) {
    return false;
  }
}
