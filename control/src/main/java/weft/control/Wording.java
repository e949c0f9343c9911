package weft.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import weft.bgp.Codec;
import weft.routing.Batch;
import weft.routing.RibOut;

/** In what form BGP peers are told of routes: those of the same form share the bytes. */
record Wording(Codec.Context context, BgpRoutes.Style style) {
  /** A part is encoded once for all peers that get it and read it in the same way. */
  List<byte[]> of(RibOut ribOut, Batch batch) {
    List<byte[]> messages = new ArrayList<>();
    batch.parts().forEach(part -> messages.addAll(of(ribOut, part)));
    return messages;
  }

  @SuppressWarnings("unchecked") // only this method keeps something with the parts for BGP peers
  private List<byte[]> of(RibOut ribOut, Batch.Part part) {
    Map<Wording, List<byte[]>> known =
        part.encoded() instanceof Map<?, ?> map
            ? (Map<Wording, List<byte[]>>) map
            : new HashMap<>();
    part.keep(known);
    return known.computeIfAbsent(this, _ -> messages(ribOut, part));
  }

  private List<byte[]> messages(RibOut ribOut, Batch.Part part) {
    List<byte[]> messages = new ArrayList<>();
    BgpRoutes.updates(ribOut.table(), part.updates(), style)
        .forEach(update -> messages.addAll(Codec.pack(update, context)));
    return messages;
  }
}
