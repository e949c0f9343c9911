package weft.api;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.api.model.Names;
import weft.http.HttpError;
import weft.http.Query;
import weft.schema.FqName;

/**
 * What a list request asks for; the sets narrow the list, null does not.
 *
 * @param fields the properties and more to show of each; null for the usual ones
 * @param shared whether what others share with the caller is added
 * @param page null for all in one piece
 */
record ListQuery(
    @Nullable Set<UUID> parents,
    @Nullable FqName parentName,
    @Nullable String parentType,
    @Nullable Set<UUID> backRefs,
    @Nullable Set<UUID> uuids,
    @Nullable Set<FqName> names,
    Filter filter,
    @Nullable Set<String> fields,
    boolean count,
    boolean detail,
    boolean excludeHrefs,
    boolean shared,
    @Nullable Page page) {
  private static final int PAGE_LIMIT = 256;

  /**
   * @param marker the one that the last page ended with; null for the first page
   */
  record Page(@Nullable String marker, int limit) {}

  /** Where the parameters are: a URL or a JSON body. */
  private interface Source {
    @Nullable String text(String name);
  }

  static ListQuery of(Query query) {
    String filter = query.first("filters");
    return of(query::first, filter == null ? Filter.ALL : Filter.parse(filter));
  }

  static ListQuery of(JsonNode body) {
    JsonNode filter = body.path("filters");
    boolean none =
        filter.isMissingNode() || filter.isNull() || filter.isEmpty() && !filter.isString();
    return of(name -> text(body.path(name)), none ? Filter.ALL : Filter.of(filter));
  }

  private static @Nullable String text(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    if (node.isArray()) {
      List<String> parts = new ArrayList<>();
      node.forEach(part -> parts.add(part.asString("")));
      return String.join(",", parts);
    }
    return node.asString("");
  }

  private static ListQuery of(Source source, Filter filter) {
    String parentName = source.text("parent_fq_name_str");
    String parentType = source.text("parent_type");
    return new ListQuery(
        uuids(source, "parent_id"),
        parentName == null ? null : FqName.parse(parentName),
        parentType == null ? null : parentType.replace('_', '-'),
        uuids(source, "back_ref_id"),
        uuids(source, "obj_uuids"),
        fqNames(source.text("fq_names")),
        filter,
        names(source.text("fields")),
        flag(source.text("count")),
        flag(source.text("detail")),
        source.text("exclude_hrefs") != null,
        flag(source.text("shared")),
        page(source));
  }

  private static boolean flag(@Nullable String text) {
    return text != null && text.equalsIgnoreCase("true");
  }

  /** Reads `a,b`; null if there is no text. */
  static @Nullable Set<String> names(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    Set<String> names = new LinkedHashSet<>();
    for (String name : text.split(",", -1)) {
      names.add(name.strip());
    }
    return names;
  }

  private static @Nullable Set<UUID> uuids(Source source, String field) {
    Set<String> texts = names(source.text(field));
    if (texts == null) {
      return null;
    }
    Set<UUID> uuids = new LinkedHashSet<>();
    texts.stream()
        .filter(text -> !text.isEmpty())
        .forEach(text -> uuids.add(Names.uuid(text, field)));
    return uuids;
  }

  private static @Nullable Set<FqName> fqNames(@Nullable String text) {
    Set<String> texts = names(text);
    if (texts == null) {
      return null;
    }
    Set<FqName> fqNames = new LinkedHashSet<>();
    texts.forEach(name -> fqNames.add(FqName.parse(name)));
    return fqNames;
  }

  private static @Nullable Page page(Source source) {
    String limitText = source.text("page_limit");
    int limit = PAGE_LIMIT;
    if (limitText != null) {
      try {
        limit = Integer.parseInt(limitText);
      } catch (NumberFormatException _) {
        throw HttpError.badRequest("Invalid page_limit " + limitText + ": not an integer");
      }
      if (limit <= 0) {
        throw HttpError.badRequest(
            "Invalid page_limit " + limit + ": page_limit has to be greater than zero");
      }
    }
    String marker = source.text("page_marker");
    if (marker == null) {
      return null;
    }
    if (marker.equals("None") || marker.isEmpty()) {
      return new Page(null, limit);
    }
    if (marker.length() < 38 || marker.charAt(marker.length() - 37) != ':') {
      throw HttpError.badRequest("Invalid page_marker " + marker + ": fq:name:uuid expected");
    }
    return new Page(marker, limit);
  }
}
