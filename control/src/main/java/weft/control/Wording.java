package weft.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import weft.bgp.Codec;
import weft.routing.RibOut;

/** In what form BGP peers are told of routes: those of the same form share the bytes. */
record Wording(Codec.Context context, BgpRoutes.Style style) {
  /** A batch is encoded once for all peers that get it and read it in the same way. */
  @SuppressWarnings("unchecked") // only this method keeps something with the batches of BGP peers
  List<byte[]> of(RibOut ribOut, RibOut.Batch batch) {
    Map<Wording, List<byte[]>> known =
        batch.encoded() instanceof Map<?, ?> map
            ? (Map<Wording, List<byte[]>>) map
            : new HashMap<>();
    batch.keep(known);
    return known.computeIfAbsent(this, _ -> messages(ribOut, batch));
  }

  private List<byte[]> messages(RibOut ribOut, RibOut.Batch batch) {
    List<byte[]> messages = new ArrayList<>();
    BgpRoutes.updates(ribOut.table(), batch.updates(), style)
        .forEach(update -> messages.addAll(Codec.pack(update, context)));
    return messages;
  }
}
