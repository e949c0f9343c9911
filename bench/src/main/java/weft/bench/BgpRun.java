package weft.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import weft.bench.BgpClient.Own;

/**
 * One load on one speaker: all routes in, one more peer comes, all routes out, as often as asked.
 */
final class BgpRun {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /**
   * What a speaker did in one round; times from the first byte written to the last route at the
   * slowest session.
   *
   * @param bytesPerRoute growth of resident memory
   * @param updatesPerRoute of what one receiver was told
   */
  record Round(
      double seconds,
      double cpu,
      double bytesPerRoute,
      double updatesPerRoute,
      double lateSeconds,
      double lateCpu,
      double withdrawSeconds,
      double withdrawCpu) {

    /** For people who wait. */
    String text() {
      return "in %.2f s (CPU %.2f s), late %.2f s (%.2f s), out %.2f s (%.2f s)"
          .formatted(seconds, cpu, lateSeconds, lateCpu, withdrawSeconds, withdrawCpu);
    }
  }

  private final Speaker speaker;
  private final BgpLoad load;
  private final int receivers;
  private final List<BgpClient> sending = new ArrayList<>();
  private final List<BgpClient> receiving = new ArrayList<>();

  BgpRun(Speaker speaker, BgpLoad load, int receivers) {
    this.speaker = speaker;
    this.load = load;
    this.receivers = receivers;
  }

  List<Round> run(int rounds)
      throws IOException, InterruptedException, TimeoutException, ExecutionException {
    List<byte[]> come = new ArrayList<>();
    List<byte[]> go = new ArrayList<>();
    for (int i = 0; i < load.senders(); i++) {
      come.add(load.announcements(i));
      go.add(load.withdrawals(i));
    }
    List<Round> found = new ArrayList<>();
    try {
      for (int i = 0; i < load.senders(); i++) {
        sending.add(open(Speaker.Plan.sender(i), BgpLoad.SENDER_AS, load.own(i)));
      }
      for (int i = 0; i < receivers; i++) {
        receiving.add(open(Speaker.Plan.receiver(i), BgpLoad.OWN_AS, Own.NONE));
      }
      for (int i = 0; i < rounds; i++) {
        found.add(round(come, go));
      }
    } finally {
      for (BgpClient client : sending) {
        client.close();
      }
      for (BgpClient client : receiving) {
        client.close();
      }
    }
    return found;
  }

  private BgpClient open(String address, int asn, Own own)
      throws IOException, InterruptedException {
    return BgpClient.open(address, speaker.address(), asn, load.kind(), own);
  }

  private Round round(List<byte[]> come, List<byte[]> go)
      throws IOException, InterruptedException, TimeoutException, ExecutionException {
    long before = speaker.resident();
    long updates = receiving.getFirst().updates();
    double cpu = speaker.cpu();
    double seconds = tell(come, load.all(), load.all() - load.routes());
    double loadCpu = speaker.cpu() - cpu;
    double bytes = (speaker.resident() - before) / (double) load.all();
    double perRoute = (receiving.getFirst().updates() - updates) / (double) load.all();

    cpu = speaker.cpu();
    long begun = System.nanoTime();
    double lateSeconds;
    try (BgpClient late = open(Speaker.Plan.receiver(receivers), BgpLoad.OWN_AS, Own.NONE)) {
      lateSeconds = (late.await(load.all(), LIMIT) - begun) / 1e9;
    }
    double lateCpu = speaker.cpu() - cpu;

    cpu = speaker.cpu();
    double withdrawSeconds = tell(go, 0, 0);
    double withdrawCpu = speaker.cpu() - cpu;
    return new Round(
        seconds, loadCpu, bytes, perRoute, lateSeconds, lateCpu, withdrawSeconds, withdrawCpu);
  }

  /** Every sender tells its share at once; returns after how long the last session knew all. */
  private double tell(List<byte[]> messages, int atReceivers, int atSenders)
      throws IOException, InterruptedException, TimeoutException, ExecutionException {
    long begun = System.nanoTime();
    long last = begun;
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> writing = new ArrayList<>();
      for (int i = 0; i < sending.size(); i++) {
        BgpClient client = sending.get(i);
        byte[] share = messages.get(i);
        writing.add(
            threads.submit(() -> {
              client.send(share);
              return null;
            }));
      }
      for (BgpClient client : receiving) {
        last = Math.max(last, client.await(atReceivers, LIMIT));
      }
      for (BgpClient client : sending) {
        last = Math.max(last, client.await(atSenders, LIMIT));
      }
      for (Future<?> one : writing) {
        one.get();
      }
    }
    return (last - begun) / 1e9;
  }
}
