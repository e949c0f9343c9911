package weft.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** `weft why`: the inputs that derived objects depend on. */
@CommandLine.Command(
    name = "why",
    mixinStandardHelpOptions = true,
    description = "Why a derived object (routing instance, route target, access list) is there.")
final class WhyCommand implements Callable<Integer> {
  @CommandLine.Parameters(paramLabel = "NAME", description = "Name of the derived object.")
  private String name = "";

  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() {
    JsonNode answer =
        endpoints.controller().get("/why?name=" + URLEncoder.encode(name, StandardCharsets.UTF_8));
    List<String> lines = new ArrayList<>();
    for (JsonNode object : TableCommand.list(answer)) {
      lines.add(object.path("type").asString("") + " " + object.path("name").asString(""));
      object.path("from").forEach(cause -> lines.add("  " + cause.asString("")));
    }
    if (lines.isEmpty()) {
      throw new Failure("nothing is derived under the name " + name);
    }
    output.print(answer, lines);
    return 0;
  }
}
