package weft.api;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.api.access.Right;
import weft.api.model.Edit;
import weft.api.model.Names;
import weft.api.model.NetworkAddresses;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;

/** Addresses of a network without an object that bears them. */
final class AddressEndpoints {
  private static final int MAX_COUNT = 1000;

  private final Writer writer;

  AddressEndpoints(Writer writer) {
    this.writer = writer;
  }

  Response allocate(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    int count = body.path("count").asInt(1);
    if (count < 1 || count > MAX_COUNT) {
      throw HttpError.badRequest("Bad Request: count is between 1 and " + MAX_COUNT);
    }
    @Nullable String subnet =
        body.path("subnet").isString() ? body.path("subnet").asString() : null;
    boolean v6 = body.path("family").asString("").equals("v6");
    List<String> addresses =
        writer.write(
            caller,
            Hrefs.of(request),
            edit -> {
              ConfigObject network = network(request, edit, Right.UPDATE);
              List<String> given = new ArrayList<>();
              for (int i = 0; i < count; i++) {
                given.add(NetworkAddresses.allocate(network, subnet, v6, edit));
              }
              return given;
            });
    ObjectNode out = Json.object();
    ArrayNode list = out.putArray("ip_addr");
    addresses.forEach(list::add);
    return Response.json(out);
  }

  Response free(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    writer.write(
        caller,
        Hrefs.of(request),
        edit -> {
          ConfigObject network = network(request, edit, Right.UPDATE);
          body.path("ip_addr")
              .forEach(address -> NetworkAddresses.free(network, address.asString(""), edit));
          return network;
        });
    return Response.empty();
  }

  Response count(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    return writer.write(
        caller,
        Hrefs.of(request),
        edit -> {
          ConfigObject network = network(request, edit, Right.READ);
          ObjectNode out = Json.object();
          ArrayNode counts = out.putArray("ip_count_list");
          body.path("subnet_list")
              .forEach(subnet ->
                  counts.add(NetworkAddresses.used(network, subnet.asString(""), edit.image())));
          return Response.json(out);
        });
  }

  private static ConfigObject network(Request request, Edit edit, Right right) {
    edit.access().check(right, "virtual-network");
    UUID uuid = Names.uuid(request.param("uuid"), "virtual-network");
    ConfigObject network = edit.image().object(uuid);
    if (network == null || !network.type().name().equals("virtual-network")) {
      throw HttpError.notFound("Unknown id: " + uuid);
    }
    if (right == Right.READ) {
      edit.access().checkRead(network);
    } else {
      edit.access().checkWrite(network);
    }
    return network;
  }
}
