package weft.api.model;

import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.schema.ConfigObject;

/** Sub-clusters: each has a number, chosen or given. */
final class SubClusters implements Behaviour {
  static final IntegerPool IDS = new IntegerPool("sub-cluster-id", 1, 0xffff_ffffL);
  private static final String ID = "sub_cluster_id";
  private static final String ASN = "sub_cluster_asn";
  private static final long TWO_BYTES = 0xffff;

  @Override
  public void onCreate(Draft draft) {
    if (draft.property(ID) != null) {
      take(draft);
      return;
    }
    OptionalLong id = draft.edit().allocateLowest(range(draft.image()), draft.owner());
    draft.body().put(ID, id.orElseThrow(() -> HttpError.badRequest("no sub-cluster id is free")));
  }

  /** Two bytes where the global AS takes four, four where it takes two. */
  private static IntegerPool range(ConfigImage image) {
    return new IntegerPool(
        IDS.name(),
        IDS.first(),
        RouteTargets.globalAsn(image) > TWO_BYTES ? TWO_BYTES : IDS.last());
  }

  private static void take(Draft draft) {
    long id = draft.body().path(ID).asLong(0);
    IntegerPool range = range(draft.image());
    if (id < range.first() || id > range.last()) {
      throw HttpError.badRequest(
          "Requested ID "
              + id
              + " is out of the range. Two bytes if global ASN uses four bytes, four bytes if"
              + " global ASN uses two bytes. IDs start from 1");
    }
    if (!draft.edit().allocate(range.key(id), draft.owner())) {
      throw HttpError.badRequest("Sub-cluster ID '" + id + "' is already used, choose another one");
    }
  }

  @Override
  public void onUpdate(Draft draft) {
    JsonNode asn = draft.stored().body().path(ASN);
    if (draft.requested(ASN) && !asn.equals(draft.body().path(ASN))) {
      throw HttpError.badRequest("Sub cluster ASN can not be modified");
    }
    JsonNode old = draft.stored().body().path(ID);
    if (draft.property(ID) == null) {
      draft.body().set(ID, old);
    } else if (old.asLong() != draft.body().path(ID).asLong()) {
      take(draft);
      draft.edit().free(IDS.key(old.asLong()));
    }
  }

  @Override
  public void onDelete(ConfigObject cluster, Edit edit) {
    edit.free(IDS.key(cluster.body().path(ID).asLong()));
  }

  @Override
  public void bears(ConfigObject cluster, ConfigImage image, Audit.Bearing bearing) {
    bearing.one(IDS.key(cluster.body().path(ID).asLong()));
  }
}
