package weft.store.etcd;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * By what etcd knows its user: got for a name and a password, and got anew when it is no longer
 * good.
 */
final class Tokens {
  private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

  /** That of somebody whom etcd does not ask. */
  private static final String NONE = "";

  private final Channel calls;
  private final EtcdOptions.@Nullable Login login;
  private @Nullable CompletableFuture<String> current;

  Tokens(Channel calls, EtcdOptions options) {
    this.calls = calls;
    this.login = options.login();
  }

  /** Whether etcd refused a token rather than what was asked with it. */
  static boolean isStale(Status status) {
    String text = "" + status.getDescription();
    return status.getCode() == Status.Code.UNAUTHENTICATED
        || text.contains("revision of auth store is old")
        || text.contains("user name is empty");
  }

  /** The token, empty for none; fails with the status that etcd refused it with. */
  CompletableFuture<String> current(long patienceNs) {
    if (login == null) {
      return CompletableFuture.completedFuture(NONE);
    }
    CompletableFuture<String> made;
    synchronized (this) {
      if (current != null && !current.isCompletedExceptionally()) {
        return current;
      }
      made = new CompletableFuture<>();
      current = made;
    }
    ask(login, patienceNs, made);
    return made;
  }

  private void ask(EtcdOptions.Login user, long patienceNs, CompletableFuture<String> made) {
    AuthenticateRequest request =
        AuthenticateRequest.newBuilder().setName(user.user()).setPassword(user.password()).build();
    CallOptions options =
        CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(patienceNs, TimeUnit.NANOSECONDS);
    ClientCalls.asyncUnaryCall(
        calls.newCall(AuthGrpc.getAuthenticateMethod(), options),
        request,
        new StreamObserver<AuthenticateResponse>() {
          @Override
          public void onNext(AuthenticateResponse answer) {
            made.complete(answer.getToken());
          }

          @Override
          public void onError(Throwable cause) {
            Status status = Members.outcome(cause);
            if (("" + status.getDescription()).contains("authentication is not enabled")) {
              LOG.warn("etcd does not ask for the user {}: it lets everybody in", user.user());
              made.complete(NONE);
            } else {
              made.completeExceptionally(status.asRuntimeException());
            }
          }

          @Override
          public void onCompleted() {}
        });
  }

  /** Lets go of a token; false if nobody logs in here. */
  boolean forget(String token) {
    if (login == null) {
      return false;
    }
    synchronized (this) {
      if (current != null && current.isDone() && token.equals(current.getNow(NONE))) {
        current = null;
      }
    }
    return true;
  }

  synchronized void forget() {
    if (current != null && current.isDone()) {
      current = null;
    }
  }
}
