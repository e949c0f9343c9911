package weft.api.model;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.schema.ObjectType;
import weft.schema.Property;
import weft.schema.ReferenceType;
import weft.schema.Validation;

/** The schema's judgement of a request, with a refusal as the answer. */
final class Checked {
  private Checked() {}

  static ObjectNode create(ObjectType type, JsonNode request) {
    return valid(Validation.create(type, request));
  }

  static ObjectNode update(ObjectType type, JsonNode request) {
    return valid(Validation.update(type, request));
  }

  static JsonNode attr(ReferenceType reference, JsonNode attr) {
    return valid(Validation.attr(reference, attr));
  }

  static JsonNode element(Property property, JsonNode value) {
    return valid(Validation.element(property, value));
  }

  private static ObjectNode valid(Validation.Result result) {
    return switch (result) {
      case Validation.Result.Valid(ObjectNode body) -> body;
      case Validation.Result.Invalid(String message) -> throw HttpError.badRequest(message);
    };
  }
}
