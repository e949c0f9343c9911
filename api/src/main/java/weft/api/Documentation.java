package weft.api;

import weft.api.access.Caller;
import weft.http.HttpError;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ReferencePage;

/** The reference of all types, for people. */
final class Documentation {
  /** Made when it is first asked for. */
  private static final class Page {
    static final String HTML = ReferencePage.html();
  }

  private Documentation() {}

  static Response file(Request request, Caller caller) {
    if (!request.param("file").equals("index.html")) {
      throw HttpError.notFound("File does not exist.");
    }
    return Response.text(200, Page.HTML);
  }
}
