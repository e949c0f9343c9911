package weft.store.etcd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an etcd cluster, and what it takes.
 *
 * @param endpoints of its members, each as `host:port`
 * @param timeout after which a request that no member answered has failed
 * @param maxOperations comparisons, and operations, in a transaction: what the members have as
 *     `--max-txn-ops`
 * @param prefix of all keys; empty if the etcd is the store's alone
 * @param tls null for connections that are not encrypted
 * @param login null if etcd does not ask who one is
 */
public record EtcdOptions(
    List<String> endpoints,
    Duration timeout,
    int maxOperations,
    String prefix,
    @Nullable Tls tls,
    @Nullable Login login) {
  /** What members take by default. */
  public static final int MAX_OPERATIONS = 128;

  /**
   * @param authorities certificates, as PEM, of those who vouch for the members; null for those
   *     that the Java runtime trusts
   * @param certificate own certificate and those that lead to its authority, as PEM; null for none
   * @param key the private key of `certificate`, as PEM in PKCS 8
   */
  public record Tls(@Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
    public Tls {
      if ((certificate == null) != (key == null)) {
        throw new IllegalArgumentException("a certificate and its key are only of use together");
      }
    }
  }

  /** A user of etcd. */
  public record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }

  public EtcdOptions {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint of etcd");
    }
    for (String endpoint : endpoints) {
      Endpoints.parse(endpoint);
    }
  }

  /** As members are by default. */
  public static EtcdOptions of(List<String> endpoints) {
    return new EtcdOptions(endpoints, Duration.ofSeconds(10), MAX_OPERATIONS, "", null, null);
  }

  public EtcdOptions withTimeout(Duration time) {
    return new EtcdOptions(endpoints, time, maxOperations, prefix, tls, login);
  }

  public EtcdOptions withMaxOperations(int number) {
    return new EtcdOptions(endpoints, timeout, number, prefix, tls, login);
  }

  public EtcdOptions withPrefix(String keys) {
    return new EtcdOptions(endpoints, timeout, maxOperations, keys, tls, login);
  }

  public EtcdOptions withTls(@Nullable Tls secured) {
    return new EtcdOptions(endpoints, timeout, maxOperations, prefix, secured, login);
  }

  public EtcdOptions withLogin(@Nullable Login user) {
    return new EtcdOptions(endpoints, timeout, maxOperations, prefix, tls, user);
  }
}
