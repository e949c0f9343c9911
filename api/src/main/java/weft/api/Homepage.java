package weft.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ObjectType;
import weft.schema.Schema;

/** The page from which clients learn every URL. */
final class Homepage {
  private record Action(String path, String name, String method) {}

  private static final List<Action> ACTIONS =
      List.of(
          new Action("prop-collection-get", "prop-collection-get", "GET"),
          new Action("prop-collection-update", "prop-collection-update", "POST"),
          new Action("ref-update", "ref-update", "POST"),
          new Action("ref-relax-for-delete", "ref-relax-for-delete", "POST"),
          new Action("fqname-to-id", "name-to-id", "POST"),
          new Action("id-to-fqname", "id-to-name", "POST"),
          new Action("useragent-kv", "useragent-keyvalue", "POST"),
          new Action("db-check", "database-check", "POST"),
          new Action("fetch-records", "fetch-records", "POST"),
          new Action("start-profile", "start-profile", "POST"),
          new Action("stop-profile", "stop-profile", "POST"),
          new Action("list-bulk-collection", "list-bulk-collection", "POST"),
          new Action("obj-perms", "obj-perms", "GET"),
          new Action("chown", "chown", "POST"),
          new Action("chmod", "chmod", "POST"),
          new Action("aaa-mode", "aaa-mode", "PUT"),
          new Action("obj-cache", "obj-cache", "GET"),
          new Action("obj-cache", "obj-cache", "POST"),
          new Action("execute-job", "execute-job", "POST"),
          new Action("abort-job", "abort-job", "POST"),
          new Action("amqp-publish", "amqp-publish", "POST"),
          new Action("amqp-request", "amqp-request", "POST"),
          new Action("hbs-get", "hbs-get", "POST"),
          new Action("watch", "watch", "GET"),
          new Action("virtual-network/%s/ip-alloc", "virtual-network-ip-alloc", "POST"),
          new Action("virtual-network/%s/ip-free", "virtual-network-ip-free", "POST"),
          new Action(
              "virtual-network/%s/subnet-ip-count", "virtual-network-subnet-ip-count", "POST"),
          new Action("set-tag", "set-tag", "POST"),
          new Action("security-policy-draft", "security-policy-draft", "POST"));

  private static final String ROOT = "config-root";

  private Homepage() {}

  static Response handle(Request request, Caller caller) {
    String base = Hrefs.of(request).base();
    ObjectNode out = Json.object();
    out.put("href", base);
    ArrayNode links = out.putArray("links");
    add(links, "documentation", base + "/documentation/index.html", "documentation", "GET");
    add(links, "root", base + "/" + ROOT, ROOT, null);
    for (ObjectType type : Schema.types()) {
      add(links, "collection", base + "/" + type.plural(), type.name(), null);
    }
    for (ObjectType type : Schema.types()) {
      add(links, "resource-base", base + "/" + type.name(), type.name(), null);
    }
    for (Action action : ACTIONS) {
      add(links, "action", base + "/" + action.path(), action.name(), action.method());
    }
    return Response.json(out);
  }

  private static void add(
      ArrayNode links, String rel, String href, String name, @Nullable String method) {
    links
        .addObject()
        .putObject("link")
        .put("rel", rel)
        .put("href", href)
        .put("name", name)
        .put("method", method);
  }
}
