package weft.store.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weft.store.StoreException;

/**
 * The members of a cluster as one party to talk to: requests go to those in turn that can be
 * reached.
 *
 * <p>Futures complete on threads of the channel.
 */
final class Members implements AutoCloseable {
  private static final Executor SOON = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);

  /** A member that has lost the others is to say so at once rather than keep the request. */
  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  private final EtcdOptions options;
  private final ManagedChannel channel;
  private final Channel calls;
  private volatile boolean closed;

  Members(EtcdOptions options) {
    this.options = options;
    this.channel =
        NettyChannelBuilder.forTarget("ip:///" + String.join(",", options.endpoints()))
            .overrideAuthority("etcd")
            .defaultLoadBalancingPolicy("round_robin")
            .usePlaintext()
            .disableRetry()
            .keepAliveTime(10, TimeUnit.SECONDS)
            .keepAliveTimeout(5, TimeUnit.SECONDS)
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
    Metadata headers = new Metadata();
    headers.put(HAS_LEADER, "true");
    this.calls =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** The member refused before it did anything. */
  static boolean notDone(Status status) {
    return status.getCode() == Status.Code.UNAVAILABLE
        && ("" + status.getDescription()).contains("etcdserver: no leader");
  }

  /** The request may be made again: it only reads, or does the same the second time. */
  static boolean notAnswered(Status status) {
    return status.getCode() == Status.Code.UNAVAILABLE;
  }

  /**
   * One request and its answer, asked again for as long as the time allows.
   *
   * @param again whether a request that failed so may be repeated
   */
  <Q, A> CompletableFuture<A> ask(
      MethodDescriptor<Q, A> method, Q request, Predicate<Status> again) {
    CompletableFuture<A> answer = new CompletableFuture<>();
    attempt(method, request, again, System.nanoTime() + options.timeout().toNanos(), answer);
    return answer;
  }

  private <Q, A> void attempt(
      MethodDescriptor<Q, A> method,
      Q request,
      Predicate<Status> again,
      long deadlineNs,
      CompletableFuture<A> answer) {
    if (closed) {
      answer.completeExceptionally(closedException());
      return;
    }
    hurry();
    CallOptions callOptions =
        CallOptions.DEFAULT
            .withWaitForReady()
            .withDeadlineAfter(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    StreamObserver<A> observer =
        new StreamObserver<>() {
          @Override
          public void onNext(A value) {
            answer.complete(value);
          }

          @Override
          public void onError(Throwable cause) {
            Status status = Status.fromThrowable(cause);
            if (again.test(status) && deadlineNs - System.nanoTime() > 0) {
              SOON.execute(() -> attempt(method, request, again, deadlineNs, answer));
            } else {
              answer.completeExceptionally(failure(status));
            }
          }

          @Override
          public void onCompleted() {
            answer.completeExceptionally(new StoreException("etcd ended a request unanswered"));
          }
        };
    if (method.getType() == MethodDescriptor.MethodType.UNARY) {
      ClientCalls.asyncUnaryCall(calls.newCall(method, callOptions), request, observer);
    } else {
      StreamObserver<Q> requests =
          ClientCalls.asyncBidiStreamingCall(calls.newCall(method, callOptions), observer);
      requests.onNext(request);
      requests.onCompleted();
    }
  }

  /** A stream of requests and answers with one member; it breaks rather than waits. */
  <Q, A> BlockingClientCall<Q, A> converse(MethodDescriptor<Q, A> method) {
    hurry();
    return ClientCalls.blockingBidiStreamingCall(calls, method, CallOptions.DEFAULT);
  }

  /** Members that could not be reached are tried again now, not when gRPC's patience is over. */
  private void hurry() {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
  }

  /** Waits for an answer. */
  static <A> A await(CompletableFuture<A> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof StoreException known) {
        throw new StoreException(String.valueOf(known.getMessage()), known);
      }
      throw new StoreException("etcd: " + e.getCause(), e);
    }
  }

  /** Why etcd did not do what it was asked, if that is what the exception is about. */
  static @Nullable Status status(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof io.grpc.StatusRuntimeException known) {
        return known.getStatus();
      }
    }
    return null;
  }

  StoreException failure(Status status) {
    if (closed) {
      return closedException();
    }
    String text =
        switch (status.getCode()) {
          case DEADLINE_EXCEEDED ->
              "no member of etcd at " + options.endpoints() + " answered within " + seconds();
          case UNAVAILABLE ->
              "the member of etcd was lost before it answered: " + status.getDescription();
          default -> "etcd refuses: " + status.getDescription();
        };
    return new StoreException(text, status.asRuntimeException());
  }

  private String seconds() {
    Duration timeout = options.timeout();
    return timeout.toMillis() / 1000.0 + " s";
  }

  private static StoreException closedException() {
    return new StoreException("the store is closed");
  }

  void requireOpen() {
    if (closed) {
      throw closedException();
    }
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
