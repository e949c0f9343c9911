package weft.api;

import weft.http.HttpError;

/** Paths that clients may know of and that are refused, each with the reason. */
final class Unavailable {
  private Unavailable() {}

  /** Where a route goes. */
  @FunctionalInterface
  interface Table {
    void route(String method, String pattern, ApiHandler handler);
  }

  static void routes(Table table) {
    String fabric = "the fabric manager's jobs are not part of this system";
    refuse(table, "POST", "/execute-job", fabric);
    refuse(table, "POST", "/abort-job", fabric);
    String bus = "there is no message bus; follow changes of the config instead";
    refuse(table, "POST", "/amqp-publish", bus);
    refuse(table, "POST", "/amqp-request", bus);
    refuse(table, "POST", "/hbs-get", "host-based services are not supported");
    String inside = "there is no such thing to inspect in this server; see /metrics";
    refuse(table, "POST", "/fetch-records", inside);
    refuse(table, "POST", "/start-profile", inside);
    refuse(table, "POST", "/stop-profile", inside);
    refuse(table, "GET", "/obj-cache", inside);
    refuse(table, "POST", "/obj-cache", inside);
    refuse(
        table,
        "POST",
        "/security-policy-draft",
        "drafts of security policies are not supported yet");
  }

  private static void refuse(Table table, String method, String path, String reason) {
    table.route(
        method,
        path,
        (_, _) -> {
          throw new HttpError(501, path.substring(1) + " is not available: " + reason);
        });
  }
}
