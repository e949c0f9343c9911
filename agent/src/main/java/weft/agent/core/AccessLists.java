package weft.agent.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Situation.ActivePort;
import weft.agent.core.Wanted.Group;
import weft.agent.core.Wanted.Network;
import weft.net.XmlElement;
import weft.vrouter.TableKey;

/** The access-control lists of networks and of the security groups of ports. */
final class AccessLists {
  private AccessLists() {}

  private static AclCompiler compiler(Part.Builder part) {
    return new AclCompiler(name -> part.id(Ids.Pool.NETWORK, name));
  }

  static int ofNetwork(Part.Builder part, Network network) {
    XmlElement entries = network.acl();
    if (entries == null) {
      return 0;
    }
    int id = part.id(Ids.Pool.ACL, Names.networkAcl(network.name()));
    part.table(new TableKey.AclKey(id), compiler(part).compile(network.name(), List.of(entries)));
    return id;
  }

  /** One list for all groups of the port; a group whose entries are not known passes nothing. */
  static int ofGroups(Part.Builder part, ActivePort port, boolean ingress) {
    if (port.config().groups().isEmpty()) {
      return 0;
    }
    String names = String.join(",", port.config().groups().keySet());
    List<@Nullable XmlElement> entries = new ArrayList<>();
    for (Group group : port.config().groups().values()) {
      entries.add(ingress ? group.ingress() : group.egress());
    }
    int id = part.id(Ids.Pool.ACL, Names.groupAcl(names, ingress));
    part.table(
        new TableKey.AclKey(id),
        compiler(part).compile(names + (ingress ? " ingress" : " egress"), entries));
    return id;
  }
}
