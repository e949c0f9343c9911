package weft.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.compiler.DerivedObject.Parent;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Graph;

/** From security groups to their access lists, one each way. */
final class SecurityGroups {
  private static final String ANY_GROUP = "-1";

  private SecurityGroups() {}

  /** The number of a group, as text: what access lists name it by. */
  private record GroupNumber(FqName name) implements Graph.Computed<Optional<String>> {
    @Override
    public Optional<String> compute(Graph.Reads reads) {
      ConfigObject group = reads.input(new Fact.Named(Inputs.SECURITY_GROUP, name));
      var number = group == null ? null : group.property("security_group_id");
      return number == null ? Optional.empty() : Optional.of(number.asString(""));
    }
  }

  private record Group(UUID uuid, List<PolicyRule> rules) {}

  private record GroupOf(FqName name) implements Graph.Computed<Optional<Group>> {
    @Override
    public Optional<Group> compute(Graph.Reads reads) {
      ConfigObject group = reads.input(new Fact.Named(Inputs.SECURITY_GROUP, name));
      return group == null
          ? Optional.empty()
          : Optional.of(
              new Group(group.uuid(), PolicyRule.list(group.property("security_group_entries"))));
    }
  }

  /**
   * The two access lists of a group: `ingress` is towards the guest. What a rule calls `local` is
   * left blank, what it calls by a group's name becomes the group's number; a group without number
   * matches nothing.
   */
  record AccessLists(FqName name) implements Graph.Computed<Desired> {
    @Override
    public Desired compute(Graph.Reads reads) {
      Optional<Group> group = reads.value(new GroupOf(name));
      if (group.isEmpty()) {
        return Desired.NOTHING;
      }
      AccessList ingress = new AccessList();
      AccessList egress = new AccessList();
      for (PolicyRule rule : group.get().rules()) {
        add(reads, rule, ingress, egress);
      }
      Parent parent = new Parent(Inputs.SECURITY_GROUP, group.get().uuid());
      return new Desired(
          List.of(
              Units.accessList(name.child("egress-access-control-list"), parent, egress.toJson()),
              Units.accessList(
                  name.child("ingress-access-control-list"), parent, ingress.toJson())),
          new TreeSet<>());
    }

    private void add(Graph.Reads reads, PolicyRule rule, AccessList ingress, AccessList egress) {
      String protocol = rule.protocolNumber();
      if (protocol == null) {
        return;
      }
      for (Address source : rule.sources()) {
        for (Address destination : rule.destinations()) {
          boolean fromHere = Address.LOCAL.equals(source.securityGroup());
          boolean toHere = Address.LOCAL.equals(destination.securityGroup());
          Address from = resolve(reads, source);
          Address to = resolve(reads, destination);
          if (from == null || to == null || (!fromHere && !toHere)) {
            continue;
          }
          AccessList list = toHere ? ingress : egress;
          for (AccessList.Match match : matches(rule, protocol, from, to)) {
            list.append(new AccessList.Rule(match, AccessList.PASS, rule.uuid(), null));
          }
        }
      }
    }

    private static List<AccessList.Match> matches(
        PolicyRule rule, String protocol, Address from, Address to) {
      List<AccessList.Match> matches = new ArrayList<>();
      for (Ports source : rule.sourcePorts()) {
        for (Ports destination : rule.destinationPorts()) {
          matches.add(
              new AccessList.Match(protocol, from, source, to, destination, rule.ethertype()));
        }
      }
      return matches;
    }

    /** Null if the group named does not exist or has no number. */
    private @Nullable Address resolve(Graph.Reads reads, Address address) {
      String group = address.securityGroup();
      if (group == null) {
        return address;
      }
      return switch (group) {
        case Address.LOCAL -> address.withSecurityGroup(null);
        case Address.ANY -> address.withSecurityGroup(ANY_GROUP);
        default ->
            reads
                .value(new GroupNumber(FqName.parse(group)))
                .map(address::withSecurityGroup)
                .orElse(null);
      };
    }
  }
}
