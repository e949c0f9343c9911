package weft.neutron;

import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one kind of resource is in terms of config objects.
 *
 * <p>What changes is a function of the call and of the config within its {@link Change} alone: it
 * may be made several times.
 */
interface Resource {
  /** As in the path: `port`. */
  String name();

  /** Makes one; its id. */
  default String create(Sent sent, Change change) {
    throw unsupported(Operation.CREATE);
  }

  default ObjectNode read(String id, View view) {
    throw unsupported(Operation.READ);
  }

  /** All that may be seen and that the selection may want, or more. */
  default Stream<ObjectNode> list(Selection selection, View view) {
    throw unsupported(Operation.READALL);
  }

  default void update(String id, Sent sent, Change change) {
    throw unsupported(Operation.UPDATE);
  }

  default void delete(String id, Change change) {
    throw unsupported(Operation.DELETE);
  }

  /** Operations of this kind of resource alone; the answer, or null for that of a read. */
  default @Nullable JsonNode act(Operation operation, String id, Sent sent, Change change) {
    throw unsupported(operation);
  }

  /** True if something that a read is to show has to be made first. */
  default boolean lacks(Call call, View view) {
    return false;
  }

  /** Makes what {@link #lacks} found missing. */
  default void supply(Call call, Change change) {}

  /** The refusal when the config still refers to what is to be deleted. */
  default NeutronException inUse(String id, String reason) {
    return NeutronException.of("Conflict", "resource", name(), "msg", id + " is in use: " + reason);
  }

  private NeutronException unsupported(Operation operation) {
    return NeutronException.badRequest(name(), operation + " is not supported");
  }

  /** The uuid of an id; null if it is none, and so nothing is found by it. */
  static @Nullable UUID uuid(String id) {
    return Ids.parse(id);
  }
}
