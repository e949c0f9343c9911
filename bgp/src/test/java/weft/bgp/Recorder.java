package weft.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import weft.net.IpAddress;

/** Puts what a speaker says in a queue. */
final class Recorder implements BgpListener {
  sealed interface Heard {}

  record Established(BgpSession session) implements Heard {}

  record Updated(Update update) implements Heard {}

  record Tolerated(List<Decoded.AttributeError> errors) implements Heard {}

  record Refreshed(Family family) implements Heard {}

  record Down(String reason, boolean graceful) implements Heard {}

  record Marked(String what, Family family) implements Heard {}

  record Refused(IpAddress address) implements Heard {}

  final BlockingDeque<Heard> heard = new LinkedBlockingDeque<>();
  final BlockingQueue<String> unprotected = new LinkedBlockingQueue<>();

  @Override
  public void established(BgpSession session) {
    heard.add(new Established(session));
  }

  @Override
  public void update(BgpSession session, Update update) {
    heard.add(new Updated(update));
  }

  @Override
  public void tolerated(BgpSession session, List<Decoded.AttributeError> errors) {
    heard.add(new Tolerated(errors));
  }

  @Override
  public void routeRefresh(BgpSession session, Family family) {
    heard.add(new Refreshed(family));
  }

  @Override
  public void down(BgpSession session, Ending ending) {
    heard.add(new Down(ending.reason(), ending.graceful()));
  }

  @Override
  public void refreshBegins(BgpSession session, Family family) {
    heard.add(new Marked("begins", family));
  }

  @Override
  public void refreshEnds(BgpSession session, Family family) {
    heard.add(new Marked("ends", family));
  }

  @Override
  public void unprotected(IpAddress address, String reason) {
    unprotected.add(reason);
  }

  @Override
  public void refused(IpAddress address) {
    heard.add(new Refused(address));
  }

  /** Forgets the End-of-RIB markers that have come, or come before anything else does. */
  void skipEndsOfRib() {
    try {
      Heard next = heard.poll(60, TimeUnit.SECONDS);
      while (next instanceof Updated(Update update) && update.endOfRib() != null) {
        next = heard.poll(60, TimeUnit.SECONDS);
      }
      assertThat(next).as("something after End-of-RIB").isNotNull();
      assertThat(heard.offerFirst(next)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private <T extends Heard> T next(Class<T> kind) {
    try {
      Heard next = heard.poll(60, TimeUnit.SECONDS);
      assertThat(next).as("waiting for %s", kind.getSimpleName()).isInstanceOf(kind);
      return kind.cast(next);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  BgpSession nextEstablished() {
    return next(Established.class).session();
  }

  /**
   * The session that stays once both sides have dialled: a connection that loses the collision may
   * be up on one side for a moment first (RFC 4271 section 6.8), so a quiet second is waited for.
   */
  BgpSession nextSettled() {
    BgpSession session = nextEstablished();
    try {
      for (Heard next = heard.poll(1, TimeUnit.SECONDS);
          next != null;
          next = heard.poll(1, TimeUnit.SECONDS)) {
        assertThat(next).isInstanceOf(Down.class);
        session = nextEstablished();
      }
      return session;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Update nextUpdate() {
    return next(Updated.class).update();
  }

  List<Decoded.AttributeError> nextTolerated() {
    return next(Tolerated.class).errors();
  }

  Family nextRefresh() {
    return next(Refreshed.class).family();
  }

  Down nextEnding() {
    return next(Down.class);
  }

  String nextDown() {
    return next(Down.class).reason();
  }

  /** A mark of the peer's that it tells a family again: `begins` or `ends`. */
  String nextMark() {
    return next(Marked.class).what();
  }

  IpAddress nextRefused() {
    return next(Refused.class).address();
  }
}
