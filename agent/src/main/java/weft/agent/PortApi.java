package weft.agent;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.agent.core.AgentCore;
import weft.agent.core.Port;
import weft.http.HttpError;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.http.Routes;

/**
 * The port API: by it Nova's and other agents plug and unplug the ports of this host. As only this
 * host's own users reach it, it also shows what passes ports.
 */
final class PortApi {
  private static final Duration STALE_AFTER = Duration.ofSeconds(60);

  private final LoopCalls loop;
  private final Ports ports;
  private final AgentCore core;
  private final PacketCapture capture;

  PortApi(LoopCalls loop, Ports ports, AgentCore core, PacketCapture capture) {
    this.capture = capture;
    this.loop = loop;
    this.ports = ports;
    this.core = core;
  }

  HttpServer listen(InetSocketAddress address) throws IOException {
    Routes routes =
        Routes.builder()
            .post("/port", request -> answer(() -> add(request)))
            .get("/port/{id}", request -> answer(() -> show(request)))
            .delete("/port/{id}", request -> answer(() -> remove(request)))
            .get("/capture", capture::answer)
            .post("/syncports", _ -> answer(this::sync))
            .put("/enable-port/{id}", request -> answer(() -> enable(request, true)))
            .put("/disable-port/{id}", request -> answer(() -> enable(request, false)))
            .build();
    return HttpServer.start(new HttpOptions(address.getHostString(), address.getPort()), routes);
  }

  /** Failures are told the way that clients of this API know. */
  private static Response answer(Callable<Response> call) throws Exception {
    try {
      return call.call();
    } catch (HttpError e) {
      return error(e.status() == 404 ? 404 : 500, e.text());
    } catch (IllegalArgumentException | java.io.UncheckedIOException e) {
      return error(500, String.valueOf(e.getMessage()));
    }
  }

  private static Response error(int status, String text) {
    return Response.json(status, Json.object().put("error", text));
  }

  private Response add(Request request) throws Exception {
    JsonNode body = request.json();
    List<PortRequest> requests = new ArrayList<>();
    if (body.isArray()) {
      for (JsonNode each : body) {
        requests.add(PortRequest.of(each));
      }
    } else {
      requests.add(PortRequest.of(body));
    }
    return loop.call(() -> {
      ports.add(requests);
      return Response.json(Json.object());
    });
  }

  private static UUID id(Request request) {
    String text = request.param("id");
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw HttpError.notFound("port '" + text + "' is not a UUID");
    }
  }

  private Response show(Request request) throws Exception {
    UUID id = id(request);
    return loop.call(() -> {
      PortRequest found = ports.find(id);
      Port port = core.port(id);
      if (found == null || port == null) {
        throw HttpError.notFound("port " + id + " is not known");
      }
      ObjectNode json = found.json();
      json.put("state", core.state(port).text());
      return Response.json(json);
    });
  }

  /** Also an unknown port counts as removed. */
  private Response remove(Request request) throws Exception {
    UUID id;
    try {
      id = UUID.fromString(request.param("id"));
    } catch (IllegalArgumentException e) {
      return Response.json(Json.object());
    }
    return loop.call(() -> {
      ports.remove(id);
      return Response.json(Json.object());
    });
  }

  private Response enable(Request request, boolean on) throws Exception {
    UUID id = id(request);
    return loop.call(() -> {
      if (!ports.enable(id, on)) {
        throw HttpError.notFound("port " + id + " is not known");
      }
      return Response.json(Json.object());
    });
  }

  private Response sync() throws Exception {
    return loop.call(() -> {
      int version = ports.beginVersion();
      loop.later(STALE_AFTER, () -> ports.removeOlder(version));
      return Response.json(Json.object());
    });
  }
}
