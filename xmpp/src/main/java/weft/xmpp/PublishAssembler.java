package weft.xmpp;

import org.jspecify.annotations.Nullable;

/** Pairs the two IQs of a route. One for each session; not thread safe. */
public final class PublishAssembler {
  private AgentMessage.@Nullable Publish last;

  /** What an IQ of the pair led to. */
  public sealed interface Outcome {
    /** The route is complete and keeps the rules. */
    record Complete(RouteRequest request) implements Outcome {}

    /** The first half is kept. */
    record Waiting() implements Outcome {}

    /** The route is dropped; the session goes on. */
    record Dropped(String reason) implements Outcome {}
  }

  /** Keeps a first half; one that waited for its second is dropped. */
  public Outcome publish(AgentMessage.Publish publish) {
    AgentMessage.Publish before = last;
    last = publish;
    return before == null
        ? new Outcome.Waiting()
        : new Outcome.Dropped("no collection followed the publish of " + before.node());
  }

  /** Completes the first half if it is of the same node; else drops both. */
  public Outcome collect(AgentMessage.Collect collect) {
    AgentMessage.Publish publish = last;
    last = null;
    if (publish == null) {
      return new Outcome.Dropped("no publish came before the collection of " + collect.node());
    }
    if (!publish.node().equals(collect.node())) {
      return new Outcome.Dropped(
          "publish of " + publish.node() + " followed by collection of " + collect.node());
    }
    RouteRequest request =
        new RouteRequest(collect.instance(), publish.item(), !collect.associate());
    String broken = PublishRules.broken(request);
    return broken == null ? new Outcome.Complete(request) : new Outcome.Dropped(broken);
  }
}
