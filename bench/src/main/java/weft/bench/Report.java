package weft.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** What a benchmark has found so far. */
public final class Report {
  private final List<Figure> figures = new ArrayList<>();
  private final Consumer<String> progress;

  /**
   * @param progress hears what is being measured, for people who wait
   */
  public Report(Consumer<String> progress) {
    this.progress = progress;
  }

  /** Says what is going on. */
  public void say(String text) {
    progress.accept(text);
  }

  public void add(Figure figure) {
    figures.add(figure);
    progress.accept(
        "%s: %s %s".formatted(figure.name(), figure.json().get("value").asString(), figure.unit()));
  }

  public List<Figure> figures() {
    return List.copyOf(figures);
  }

  /** One object a figure. */
  public List<JsonNode> json() {
    return figures.stream().<JsonNode>map(Figure::json).toList();
  }

  /** Whether no goal was missed. */
  public boolean met() {
    return figures.stream().allMatch(Figure::met);
  }
}
