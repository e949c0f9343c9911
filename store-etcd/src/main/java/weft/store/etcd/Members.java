package weft.store.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
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

  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

  /** After a request has failed for want of an answer, the next ones wait no longer than this. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  private static final Pattern CONNECTION =
      Pattern.compile("(?s)Last Pick Failure=.*?cause=([^\n]*)");

  static {
    NameResolverRegistry.getDefaultRegistry().register(new Endpoints());
  }

  private final EtcdOptions options;
  private final ManagedChannel channel;
  private final Channel calls;
  private final Tokens tokens;
  private volatile boolean away;
  private volatile boolean closed;

  Members(EtcdOptions options) {
    this.options = options;
    this.channel = channel(options);
    Metadata headers = new Metadata();
    headers.put(HAS_LEADER, "true");
    this.calls =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    this.tokens = new Tokens(calls, options);
  }

  private static ManagedChannel channel(EtcdOptions options) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget(
                Endpoints.SCHEME + ":///" + String.join(",", options.endpoints()))
            .defaultLoadBalancingPolicy("round_robin")
            .disableRetry()
            .keepAliveTime(10, TimeUnit.SECONDS)
            .keepAliveTimeout(5, TimeUnit.SECONDS)
            .maxInboundMessageSize(Integer.MAX_VALUE);
    EtcdOptions.Tls tls = options.tls();
    return (tls == null ? builder.usePlaintext() : builder.sslContext(security(tls))).build();
  }

  private static SslContext security(EtcdOptions.Tls tls) {
    SslContextBuilder builder = GrpcSslContexts.forClient();
    try {
      if (tls.authorities() != null) {
        builder.trustManager(tls.authorities().toFile());
      }
    } catch (IllegalArgumentException e) {
      throw new StoreException("no certificates can be read from " + tls.authorities(), e);
    }
    try {
      if (tls.certificate() != null && tls.key() != null) {
        builder.keyManager(tls.certificate().toFile(), tls.key().toFile());
      }
      return builder.build();
    } catch (IllegalArgumentException | SSLException e) {
      throw new StoreException(
          "no certificate and key (PKCS 8) can be read from %s and %s"
              .formatted(tls.certificate(), tls.key()),
          e);
    }
  }

  /** The member refused before it did anything. */
  static boolean notDone(Status status) {
    return status.getCode() == Status.Code.UNAVAILABLE
        && ("" + status.getDescription()).contains("etcdserver: no leader");
  }

  /**
   * What became of a request. One written to a connection that has just broken fails as {@code
   * UNKNOWN}: the member was lost, it has refused nothing.
   */
  static Status outcome(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    return status.getCode() == Status.Code.UNKNOWN
            && status.getCause() instanceof ClosedChannelException
        ? Status.UNAVAILABLE.withDescription("connection closed").withCause(status.getCause())
        : status;
  }

  /** The request may be made again: it only reads, or does the same the second time. */
  static boolean notAnswered(Status status) {
    return status.getCode() == Status.Code.UNAVAILABLE;
  }

  /** One request, with what it takes to ask it again. */
  private final class Question<Q, A> {
    private final MethodDescriptor<Q, A> method;
    private final Q request;
    private final Predicate<Status> again;
    private final CompletableFuture<A> answer = new CompletableFuture<>();
    private final Duration patience = away ? min(SHORT, options.timeout()) : options.timeout();
    private final long deadlineNs = System.nanoTime() + patience.toNanos();
    private boolean renewed;

    Question(MethodDescriptor<Q, A> method, Q request, Predicate<Status> again) {
      this.method = method;
      this.request = request;
      this.again = again;
    }

    void attempt() {
      if (closed) {
        answer.completeExceptionally(closedException());
        return;
      }
      hurry();
      var _ =
          tokens
              .current(leftNs())
              .whenComplete((token, failure) -> {
                if (failure == null) {
                  send(token);
                } else {
                  retryOrFail(outcome(failure), Members::notAnswered);
                }
              });
    }

    private long leftNs() {
      return deadlineNs - System.nanoTime();
    }

    private void send(String token) {
      CallOptions callOptions =
          CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(leftNs(), TimeUnit.NANOSECONDS);
      Observer observer = new Observer(token);
      Channel through = authorized(token);
      if (method.getType() == MethodDescriptor.MethodType.UNARY) {
        ClientCalls.asyncUnaryCall(through.newCall(method, callOptions), request, observer);
      } else {
        StreamObserver<Q> requests =
            ClientCalls.asyncBidiStreamingCall(through.newCall(method, callOptions), observer);
        requests.onNext(request);
        requests.onCompleted();
      }
    }

    private void retryOrFail(Status status, Predicate<Status> mayRetry) {
      if (mayRetry.test(status) && leftNs() > 0) {
        SOON.execute(this::attempt);
        return;
      }
      if (isSilence(status)) {
        away = true;
      }
      answer.completeExceptionally(failure(status, patience));
    }

    private final class Observer implements StreamObserver<A> {
      private final String token;

      Observer(String token) {
        this.token = token;
      }

      @Override
      public void onNext(A value) {
        away = false;
        answer.complete(value);
      }

      @Override
      public void onError(Throwable cause) {
        Status status = outcome(cause);
        if (Tokens.isStale(status) && tokens.forget(token) && !renewed) {
          renewed = true;
          attempt();
        } else {
          retryOrFail(status, again);
        }
      }

      @Override
      public void onCompleted() {
        answer.completeExceptionally(new StoreException("etcd ended a request unanswered"));
      }
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static boolean isSilence(Status status) {
    return status.getCode() == Status.Code.DEADLINE_EXCEEDED || notAnswered(status);
  }

  private Channel authorized(String token) {
    if (token.isEmpty()) {
      return calls;
    }
    Metadata headers = new Metadata();
    headers.put(TOKEN, token);
    return ClientInterceptors.intercept(calls, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /**
   * One request and its answer, asked again for as long as the time allows. While no member
   * answers, that time is short.
   *
   * @param again whether a request that failed so may be repeated
   */
  <Q, A> CompletableFuture<A> ask(
      MethodDescriptor<Q, A> method, Q request, Predicate<Status> again) {
    Question<Q, A> question = new Question<>(method, request, again);
    question.attempt();
    return question.answer;
  }

  /** A stream of requests and answers with one member; it breaks rather than waits. */
  <Q, A> BlockingClientCall<Q, A> converse(MethodDescriptor<Q, A> method) {
    hurry();
    String token = await(tokens.current(options.timeout().toNanos()));
    return ClientCalls.blockingBidiStreamingCall(authorized(token), method, CallOptions.DEFAULT);
  }

  /** What etcd knew the user by may no longer be good. */
  void loginAgain() {
    tokens.forget();
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
        return outcome(known);
      }
    }
    return null;
  }

  StoreException failure(Status status) {
    return failure(status, options.timeout());
  }

  private StoreException failure(Status status, Duration patience) {
    if (closed) {
      return closedException();
    }
    String text =
        switch (status.getCode()) {
          case DEADLINE_EXCEEDED ->
              "no member of etcd at %s answered within %s s%s"
                  .formatted(
                      options.endpoints(), patience.toMillis() / 1000.0, lastFailure(status));
          case UNAVAILABLE ->
              "the member of etcd, of %s, was lost before it answered: %s"
                  .formatted(options.endpoints(), status.getDescription());
          default -> "etcd refuses: " + status.getDescription();
        };
    return new StoreException(text, status.asRuntimeException());
  }

  /** Why the last connection was not made, which gRPC tells among much else. */
  private static String lastFailure(Status status) {
    Matcher failure = CONNECTION.matcher("" + status.getDescription());
    return failure.find() ? ": " + failure.group(1) : "";
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
