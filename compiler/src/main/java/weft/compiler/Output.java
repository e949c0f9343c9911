package weft.compiler;

import java.util.Set;
import weft.state.Delta;

/**
 * What a step of the compiler changed, and which allocations it waits for.
 *
 * @param objects what changed of what is desired
 * @param requests all numbers that are missing now: derivation goes on when the records appear
 * @param surplus all records of the compiler's pools that nobody needs any more
 */
public record Output(
    Delta<DerivedKey, DerivedObject> objects,
    Set<Allocation.Request> requests,
    Set<Allocation> surplus) {}
