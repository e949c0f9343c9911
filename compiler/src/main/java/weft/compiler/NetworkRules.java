package weft.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Graph;

/**
 * What the policies of a network come to.
 *
 * @param accessList null if no policy is attached
 * @param peers the networks that a rule lets traffic pass with
 * @param anyPeer whether a rule lets traffic pass with `any`
 */
record NetworkRules(Optional<ObjectNode> accessList, SortedSet<FqName> peers, boolean anyPeer) {

  /** The rules of the network of a name. */
  record Of(FqName name, CompilerOptions options) implements Graph.Computed<NetworkRules> {
    @Override
    public NetworkRules compute(Graph.Reads reads) {
      Optional<Network> network = reads.value(new Network.Of(name));
      List<List<PolicyRule>> policies = new ArrayList<>();
      for (FqName policy : network.map(Network::policies).orElse(List.of())) {
        reads.value(new Policy(policy)).ifPresent(policies::add);
      }
      if (network.isEmpty() || network.get().policies().isEmpty()) {
        return new NetworkRules(Optional.empty(), new TreeSet<>(), false);
      }
      return new Compilation(name, options, reads).compile(policies);
    }
  }

  /** The rules of a policy, if there is one of the name. */
  record Policy(FqName name) implements Graph.Computed<Optional<List<PolicyRule>>> {
    @Override
    public Optional<List<PolicyRule>> compute(Graph.Reads reads) {
      ConfigObject object = reads.input(new Fact.Named(Inputs.POLICY, name));
      return object == null
          ? Optional.empty()
          : Optional.of(PolicyRule.list(object.property("network_policy_entries")));
    }
  }

  /** The making of one access list. */
  private static final class Compilation {
    private final String self;
    private final CompilerOptions options;
    private final Graph.Reads reads;
    private final AccessList list = new AccessList();
    private final SortedSet<FqName> peers = new TreeSet<>();
    private boolean anyPeer;

    Compilation(FqName name, CompilerOptions options, Graph.Reads reads) {
      this.self = name.toString();
      this.options = options;
      this.reads = reads;
    }

    NetworkRules compile(List<List<PolicyRule>> policies) {
      policies.forEach(rules -> rules.forEach(this::add));
      List<AccessList.Rule> written = list.rules();
      Address here = Address.network(self);
      Address anywhere = Address.network(Address.ANY);
      implicit(here, here, AccessList.PASS, AccessList.IMPLICIT_PASS);
      switch (options.unnamedPeers()) {
        case DENY -> implicit(anywhere, anywhere, AccessList.DENY, AccessList.IMPLICIT_DENY);
        case PASS -> {
          for (AccessList.Rule rule : written) {
            AccessList.Match match =
                AccessList.Match.anyProtocol(
                    rule.match().source().withoutSubnets(),
                    rule.match().destination().withoutSubnets());
            list.add(new AccessList.Rule(match, AccessList.DENY, rule.uuid(), rule.direction()));
          }
          implicit(anywhere, anywhere, AccessList.PASS, AccessList.IMPLICIT_PASS);
        }
      }
      return new NetworkRules(Optional.of(list.toJson()), peers, anyPeer);
    }

    private void implicit(Address source, Address destination, ObjectNode actions, String uuid) {
      list.add(
          new AccessList.Rule(
              AccessList.Match.anyProtocol(source, destination), actions, uuid, null));
    }

    private void add(PolicyRule rule) {
      String protocol = rule.protocolNumber();
      ObjectNode actions = rule.actions();
      // What goes through a service passes only once there is a chain for it.
      if (protocol == null || actions == null || actions.has("apply_service")) {
        return;
      }
      for (Address source : rule.sources()) {
        for (Address destination : rule.destinations()) {
          for (Ends ends : ends(resolveLocal(source), resolveLocal(destination))) {
            addPorts(rule, protocol, actions, ends);
            connect(ends, actions);
          }
        }
      }
    }

    private void addPorts(PolicyRule rule, String protocol, ObjectNode actions, Ends ends) {
      for (Ports from : rule.sourcePorts()) {
        for (Ports to : rule.destinationPorts()) {
          AccessList.Match match =
              new AccessList.Match(protocol, ends.source(), from, ends.destination(), to, null);
          list.add(new AccessList.Rule(match, actions, rule.uuid(), ">"));
          if (rule.bothWays()) {
            list.add(new AccessList.Rule(match.reversed(), actions, rule.uuid(), ">"));
          }
        }
      }
    }

    private record Ends(Address source, Address destination) {}

    /** The pairs of a rule that concern this network: none if it names neither it nor `any`. */
    private List<Ends> ends(Address source, Address destination) {
      Address from = source;
      Address to = destination;
      if (!concerns(from) && !concerns(to)) {
        if (attachedByPolicy(to)) {
          to = to.withNetwork(self);
        } else if (attachedByPolicy(from)) {
          from = from.withNetwork(self);
        } else if (!from.onlySubnets() || !to.onlySubnets()) {
          return List.of();
        }
      }
      List<Ends> pairs = new ArrayList<>();
      for (Address each : expand(from)) {
        for (Address other : expand(to)) {
          pairs.add(new Ends(each, other));
        }
      }
      return pairs;
    }

    private Address resolveLocal(Address address) {
      return Address.LOCAL.equals(address.network()) ? address.withNetwork(self) : address;
    }

    private boolean concerns(Address address) {
      return self.equals(address.network()) || Address.ANY.equals(address.network());
    }

    private boolean attachedByPolicy(Address address) {
      return address.network() == null
          && address.policy() != null
          && networksWith(address.policy()).contains(FqName.parse(self));
    }

    /** A policy's name stands for all networks that it is attached to. */
    private List<Address> expand(Address address) {
      if (address.policy() == null) {
        return List.of(address);
      }
      return networksWith(address.policy()).stream()
          .map(network -> Address.network(network.toString()))
          .toList();
    }

    private SortedSet<FqName> networksWith(String policy) {
      SortedSet<FqName> networks = reads.input(new Fact.NetworksWith(FqName.parse(policy)));
      return networks == null ? new TreeSet<>() : networks;
    }

    private void connect(Ends ends, ObjectNode actions) {
      if (!"pass".equals(actions.path("simple_action").asString(""))) {
        return;
      }
      if (concerns(ends.destination())) {
        connect(ends.source());
      }
      if (concerns(ends.source())) {
        connect(ends.destination());
      }
    }

    private void connect(Address peer) {
      String name = peer.network();
      if (Address.ANY.equals(name)) {
        anyPeer = true;
      } else if (name != null && !name.equals(self)) {
        peers.add(FqName.parse(name));
      }
    }
  }
}
