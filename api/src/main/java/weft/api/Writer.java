package weft.api;

import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.api.access.Access;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.model.Edit;
import weft.api.model.ObjectChanges;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.config.ConfigOutcome;
import weft.config.ConfigTransaction;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.PythonText;

/** Carries out what requests plan, and lets them plan anew when the config moved in between. */
public final class Writer {
  private static final int MAX_ATTEMPTS = 200;

  private final ConfigDb db;
  private final AccessControl control;
  private final InstantSource clock;
  private final Supplier<UUID> uuids;
  private final Claims claims = new Claims();

  Writer(ConfigDb db, AccessControl control, InstantSource clock, Supplier<UUID> uuids) {
    this.db = db;
    this.control = control;
    this.clock = clock;
    this.uuids = uuids;
  }

  /** What a caller may do in a state of the config. */
  public Access access(Caller caller, ConfigImage image) {
    return control.access(caller, image);
  }

  /** What is done with a transaction that is planned. */
  private interface Commit extends Function<ConfigTransaction, CompletionStage<ConfigOutcome>> {}

  /** What is said to a commit that the store refuses. */
  @FunctionalInterface
  public interface Refusals {
    /**
     * @param outcome that a name or uuid is taken, or that what is deleted is still referred to
     * @return what is thrown; null to plan again, on an image that shows why it was refused
     */
    @Nullable RuntimeException of(ConfigOutcome outcome, Edit edit);
  }

  /** What came of one attempt. */
  private sealed interface Attempt<T> {
    record Done<T>(T result) implements Attempt<T> {}

    /** The config moved in between. */
    record Again<T>() implements Attempt<T> {}

    /** All that is free may be taken by requests under way. */
    record Contended<T>() implements Attempt<T> {}
  }

  /**
   * Commits what `plan` puts into an edit, and waits until the image shows it.
   *
   * @param caller on whose behalf
   * @param plan may be called several times, each time with a fresh edit
   * @param hrefs for texts that name objects
   */
  <T> T write(Caller caller, Hrefs hrefs, Function<Edit, T> plan) throws InterruptedException {
    return retrying(caller, refusals(hrefs), plan, db::commit);
  }

  /** As {@link #write(Caller, Hrefs, Function)}, with the texts of somebody else. */
  public <T> T write(Caller caller, Refusals refusals, Function<Edit, T> plan)
      throws InterruptedException {
    return retrying(caller, refusals, plan, db::commit);
  }

  /** Does all of {@link #write} but the commit. */
  <T> T rehearse(Caller caller, Hrefs hrefs, Function<Edit, T> plan) throws InterruptedException {
    return retrying(caller, refusals(hrefs), plan, db::rehearse);
  }

  private <T> T retrying(Caller caller, Refusals refusals, Function<Edit, T> plan, Commit commit)
      throws InterruptedException {
    boolean current = false;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      long releases = claims.releases();
      switch (attempt(caller, refusals, plan, commit, current)) {
        case Attempt.Done<T>(T result) -> {
          return result;
        }
        case Attempt.Again<T> _ -> {
          await(db.sync());
          current = true;
        }
        case Attempt.Contended<T> _ -> claims.awaitRelease(releases);
      }
    }
    throw new HttpError(503, "Too many concurrent changes of the same objects, try again");
  }

  /**
   * @param current whether all is known that was in the store when the request came; if not, what
   *     the plan misses may have been made through another server
   */
  private <T> Attempt<T> attempt(
      Caller caller, Refusals refusals, Function<Edit, T> plan, Commit commit, boolean current)
      throws InterruptedException {
    try (Claims.Scope scope = claims.open()) {
      ConfigTransaction transaction = db.transaction();
      Edit edit =
          new Edit(
              control.access(caller, transaction.image()),
              transaction.image(),
              scope,
              clock.instant(),
              uuids);
      T result;
      try {
        result = plan.apply(edit);
      } catch (RuntimeException e) {
        if (edit.contended() && e instanceof HttpError) {
          scope.inVain();
          return new Attempt.Contended<>();
        }
        if (!current && await(db.sync()).revision() > transaction.image().revision()) {
          return new Attempt.Again<>();
        }
        throw e;
      }
      if (edit.isEmpty()) {
        return new Attempt.Done<>(result);
      }
      edit.writeTo(transaction);
      return after(await(commit.apply(transaction)), result, refusals, edit);
    }
  }

  private static <T> Attempt<T> after(
      ConfigOutcome outcome, T result, Refusals refusals, Edit edit) {
    return switch (outcome) {
      case ConfigOutcome.Committed _ -> new Attempt.Done<>(result);
      case ConfigOutcome.NameTaken(var _, var name, var _) when edit.chose(name) ->
          new Attempt.Again<>();
      case ConfigOutcome.NameTaken _,
          ConfigOutcome.UuidTaken _,
          ConfigOutcome.StillReferenced _ -> {
        RuntimeException refusal = refusals.of(outcome, edit);
        if (refusal != null) {
          throw refusal;
        }
        yield new Attempt.Again<>();
      }
      case ConfigOutcome.Missing _, ConfigOutcome.AllocationTaken _, ConfigOutcome.Conflict _ ->
          new Attempt.Again<>();
      case ConfigOutcome.TooLarge(var reason) ->
          throw new HttpError(413, "The change is too large for the store: " + reason);
      case ConfigOutcome.Fenced(var key) ->
          throw new IllegalStateException("nothing is fenced here, but by " + key);
    };
  }

  private static Refusals refusals(Hrefs hrefs) {
    return (outcome, edit) ->
        switch (outcome) {
          case ConfigOutcome.NameTaken(var type, var name, var holder) -> {
            ConfigObject ours = edit.current(type, name);
            yield edit.attributed(
                ours == null ? holder : ours.uuid(), ObjectChanges.nameTaken(name, holder));
          }
          case ConfigOutcome.UuidTaken(var holder) ->
              edit.attributed(holder.uuid(), ObjectChanges.uuidTaken(holder));
          case ConfigOutcome.StillReferenced(var object, var children, var referrers) ->
              edit.attributed(object.uuid(), stillReferenced(children, referrers, hrefs));
          case ConfigOutcome.Committed _,
              ConfigOutcome.Missing _,
              ConfigOutcome.AllocationTaken _,
              ConfigOutcome.Conflict _,
              ConfigOutcome.Fenced _,
              ConfigOutcome.TooLarge _ ->
              null;
        };
  }

  static HttpError stillReferenced(
      List<ConfigObject> children, List<ConfigObject> referrers, Hrefs hrefs) {
    boolean parent = !children.isEmpty();
    List<String> urls = (parent ? children : referrers).stream().map(hrefs::of).toList();
    return HttpError.conflict(
        (parent ? "Delete when children still present: " : "Delete when resource still referred: ")
            + PythonText.of(urls));
  }

  private static <T> T await(CompletionStage<T> stage) throws InterruptedException {
    try {
      return stage.toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw StoreAway.of(e);
    }
  }
}
