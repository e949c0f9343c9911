package weft.api.model;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** Floating and alias addresses: taken from the network above their pool. */
final class PoolAddresses implements Behaviour {
  private final String name;

  /**
   * @param name `floating_ip` or `alias_ip`: how the properties begin
   */
  PoolAddresses(String name) {
    this.name = name;
  }

  @Override
  public void onCreate(Draft draft) {
    ConfigObject pool =
        draft
            .image()
            .object(Names.uuid(draft.body().path("parent_uuid").asString(""), "parent_uuid"));
    ConfigObject network = pool == null ? null : network(pool, draft.image());
    if (pool == null || network == null) {
      return; // below an instance-ip: the address is the caller's affair
    }
    belongToProject(draft);
    String asked = draft.text(name + "_address");
    IpAddress address =
        asked == null || asked.isEmpty() ? null : Subnets.parse(asked, name + "_address");
    boolean v6 =
        address == null ? "v6".equals(draft.text(name + "_address_family")) : !address.isV4();
    List<String> only = new ArrayList<>();
    pool.body()
        .path(name + "_pool_subnets")
        .path("subnet_uuid")
        .forEach(uuid -> only.add(uuid.asString("")));
    Addresses.Given given =
        Addresses.take(
            network,
            Addresses.subnets(network, draft.image()),
            new Addresses.Wish(address, v6, only),
            draft.owner(),
            draft.edit());
    draft.body().put(name + "_address", given.address().toString());
  }

  /** Who names no project means the one of the network. */
  private static void belongToProject(Draft draft) {
    FqName name = draft.fqName();
    if (draft.type().referenceTo("project") == null
        || !draft.refs("project").isEmpty()
        || name.size() < 3) {
      return;
    }
    ConfigObject project = draft.edit().current("project", new FqName(name.parts().subList(0, 2)));
    if (project != null) {
      draft.body().putArray("project_refs").add(References.stored(project, NullNode.instance));
    }
  }

  @Override
  public void onUpdate(Draft draft) {
    JsonNode old = draft.stored().property(name + "_address");
    if (draft.requested(name + "_address") && old != null) {
      if (!old.equals(draft.body().path(name + "_address"))) {
        throw HttpError.badRequest(name + "_address can not be changed");
      }
    }
  }

  @Override
  public void onDelete(ConfigObject object, Edit edit) {
    JsonNode address = object.property(name + "_address");
    UUID parent = object.parentUuid();
    ConfigObject pool = parent == null ? null : edit.image().object(parent);
    ConfigObject network = pool == null ? null : network(pool, edit.image());
    if (address != null && network != null) {
      Addresses.release(
          Addresses.subnets(network, edit.image()),
          address.asString(""),
          object.uuid().toString(),
          edit);
    }
  }

  @Override
  public void bears(ConfigObject object, ConfigImage image, Audit.Bearing bearing) {
    JsonNode address = object.property(name + "_address");
    UUID parent = object.parentUuid();
    ConfigObject pool = parent == null ? null : image.object(parent);
    ConfigObject network = pool == null ? null : network(pool, image);
    if (address != null && network != null) {
      Addresses.bears(Addresses.subnets(network, image), address.asString(""), bearing);
    }
  }

  private static @Nullable ConfigObject network(ConfigObject pool, ConfigImage image) {
    UUID parent = pool.parentUuid();
    ConfigObject network = parent == null ? null : image.object(parent);
    return network != null && network.type().name().equals("virtual-network") ? network : null;
  }
}
