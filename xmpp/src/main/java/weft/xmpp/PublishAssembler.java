package weft.xmpp;

/** Pairs the two IQs of a route. One for each session; not thread safe. */
public final class PublishAssembler {

  /** What an IQ of the pair led to. */
  public sealed interface Outcome {
    /** The route is complete and keeps the rules. */
    record Complete(RouteRequest request) implements Outcome {}

    /** The first half is kept. */
    record Waiting() implements Outcome {}

    /** The route is dropped; the session goes on. */
    record Dropped(String reason) implements Outcome {}
  }

  public Outcome publish(AgentMessage.Publish publish) {
    throw new UnsupportedOperationException();
  }

  public Outcome collect(AgentMessage.Collect collect) {
    throw new UnsupportedOperationException();
  }
}
