package weft.api;

import java.util.UUID;

/** Where projects come from that the config does not have yet. */
@FunctionalInterface
interface ProjectSource {
  /** All there are have been made here. */
  ProjectSource NONE = _ -> {};

  /** Brings the project into the config, if it is missing and there is such. */
  void fetch(UUID project) throws InterruptedException;
}
