package weft.api;

import java.util.Map;
import weft.config.ConfigDb;

/** Further paths of the config API, answered by another module. */
@FunctionalInterface
public interface Extension {
  /**
   * What is called by POST.
   *
   * @param writer carries out what is planned, together with all else that this server writes
   * @return handlers by pattern of path
   */
  Map<String, ApiHandler> calls(ConfigDb db, Writer writer);
}
