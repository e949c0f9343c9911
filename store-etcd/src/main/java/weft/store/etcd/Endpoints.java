package weft.store.etcd;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.StatusOr;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The members' addresses, as gRPC asks for them: `weft-etcd:///host:port,host:port`. Each member
 * has to have a certificate of the name or address by which it is listed.
 */
final class Endpoints extends NameResolverProvider {
  static final String SCHEME = "weft-etcd";
  private static final Pattern ENDPOINT =
      Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[^,:/\\s\\[\\]]+):([0-9]{1,5})");

  /** One of them. */
  record Endpoint(String host, int port) {}

  /**
   * @throws IllegalArgumentException with a text for people
   */
  static Endpoint parse(String text) {
    Matcher matcher = ENDPOINT.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 0xffff) {
      throw new IllegalArgumentException("'" + text + "' is not host:port");
    }
    return new Endpoint(matcher.group(1), Integer.parseInt(matcher.group(2)));
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 5;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return Set.of(InetSocketAddress.class);
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String each : target.getPath().substring(1).split(",")) {
      endpoints.add(parse(each));
    }
    return new Resolver(endpoints);
  }

  private static final class Resolver extends NameResolver {
    private final List<Endpoint> endpoints;
    private Listener2 listener = new Unheard();

    Resolver(List<Endpoint> endpoints) {
      this.endpoints = endpoints;
    }

    @Override
    public String getServiceAuthority() {
      return "etcd";
    }

    @Override
    public void start(Listener2 newListener) {
      listener = newListener;
      resolve();
    }

    @Override
    public void refresh() {
      resolve();
    }

    /** Names are looked up at each connection attempt, by the transport. */
    private void resolve() {
      List<EquivalentAddressGroup> groups = new ArrayList<>();
      for (Endpoint each : endpoints) {
        String bare = each.host().replaceAll("[\\[\\]]", "");
        groups.add(
            new EquivalentAddressGroup(
                new InetSocketAddress(bare, each.port()),
                Attributes.newBuilder()
                    .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, each.host())
                    .build()));
      }
      listener.onResult(
          ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(groups)).build());
    }

    @Override
    public void shutdown() {}
  }

  /** Before somebody listens. */
  private static final class Unheard extends NameResolver.Listener2 {
    @Override
    public void onResult(NameResolver.ResolutionResult result) {}

    @Override
    public void onError(io.grpc.Status error) {}
  }
}
