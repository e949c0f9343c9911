package weft.api;

import tools.jackson.databind.JsonNode;
import weft.http.Json;

/** The description of the API for tools. */
final class OpenApi {
  private OpenApi() {}

  static JsonNode document() {
    return Json.object();
  }
}
