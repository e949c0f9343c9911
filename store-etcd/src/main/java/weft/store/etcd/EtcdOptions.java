package weft.store.etcd;

import java.time.Duration;
import java.util.List;

/**
 * How to reach an etcd cluster, and what it takes.
 *
 * @param endpoints of its members, each as `host:port`
 * @param timeout after which a request that no member answered has failed
 * @param maxOperations comparisons, and operations, in a transaction: what the members have as
 *     `--max-txn-ops`
 */
public record EtcdOptions(List<String> endpoints, Duration timeout, int maxOperations) {
  public EtcdOptions {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint of etcd");
    }
    for (String endpoint : endpoints) {
      if (!endpoint.matches("[^,:/\\s]+:[0-9]{1,5}")) {
        throw new IllegalArgumentException("'" + endpoint + "' is not host:port");
      }
    }
  }

  /** As members are by default. */
  public static EtcdOptions of(List<String> endpoints) {
    return new EtcdOptions(endpoints, Duration.ofSeconds(10), 128);
  }

  public EtcdOptions withTimeout(Duration time) {
    return new EtcdOptions(endpoints, time, maxOperations);
  }
}
