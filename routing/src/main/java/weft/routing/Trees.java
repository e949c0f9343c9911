package weft.routing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.RouteDistinguisher;
import weft.routing.TreePart.Branch;
import weft.routing.TreePart.Joint;

/**
 * The multicast trees of all instances (ERM-VPN).
 *
 * <p>The agents of this control node that want a group are a tree in the order of their
 * distinguishers, each with at most four below it; the last of them is its joint to the trees of
 * other control nodes. The control node with the lowest identifier joins these trees in the same
 * way, each with at most three below it, and tells the others how. So a tree depends on who is in
 * it alone.
 */
final class Trees {
  private static final int BRANCHES = 4;
  private static final int JOINTS = BRANCHES - 1;
  private static final Peer MAKER = new Peer("(tree)", Peer.Kind.LOCAL, Ipv4Address.ANY, 0);

  /** Names a tree. */
  record Id(String instance, IpAddress group, IpAddress source) implements Comparable<Id> {
    private static final Comparator<Id> ORDER =
        Comparator.comparing(Id::instance).thenComparing(Id::group).thenComparing(Id::source);

    TableId table() {
      return new TableId(instance, Family.ERMVPN);
    }

    @Override
    public int compareTo(Id other) {
      return ORDER.compare(this, other);
    }
  }

  /** What is known of a tree, and what it comes to. */
  private static final class Tree {
    final SortedMap<RouteKey.Group, Path> members = new TreeMap<>();
    final SortedMap<Integer, Path> locals = new TreeMap<>(Integer::compareUnsigned);
    @Nullable Path joined;
    Map<RouteKey, Path> made = Map.of();
    Map<String, Advert.Branching> adverts = Map.of();

    boolean isEmpty() {
      return members.isEmpty() && locals.isEmpty() && joined == null && made.isEmpty();
    }
  }

  /** An agent in a tree, with the label it has there. */
  private record Member(RouteKey.Group key, Path path, Branch at) {}

  private final Tables tables;
  private final TreeLabels labels = new TreeLabels();
  private final TreeMap<Id, Tree> trees = new TreeMap<>();
  private final Set<Id> touched = new LinkedHashSet<>();
  private @Nullable Ipv4Address self;

  Trees(Tables tables) {
    this.tables = tables;
  }

  /** What this control node is called by others. */
  void speaker(IpAddress address) {
    if (address instanceof Ipv4Address v4 && !v4.equals(self)) {
      self = v4;
      trees.forEach((id, tree) -> tree.joined = joined(id));
      touched.addAll(trees.keySet());
    }
  }

  private @Nullable Path joined(Id id) {
    Route route = self == null ? null : tables.route(id.table(), global(id, self.bits()));
    return route == null ? null : route.best();
  }

  private static RouteKey.Tree global(Id id, int router) {
    return new RouteKey.Tree(RouteKey.Tree.Kind.GLOBAL, router, id.group(), id.source());
  }

  /** Notes the state of a route of an instance. */
  void follow(Route route) {
    Path best = route.best();
    String instance = route.tableId().instance();
    switch (route.key()) {
      case RouteKey.Group key -> {
        Id id = new Id(instance, key.group(), key.source());
        member(id, key, best);
        touched.add(id);
      }
      case RouteKey.Tree key -> {
        Id id = new Id(instance, key.group(), key.source());
        if (key.kind() == RouteKey.Tree.Kind.LOCAL) {
          set(tree(id).locals, key.router(), best);
        } else if (self != null && key.router() == self.bits()) {
          tree(id).joined = best;
        }
        touched.add(id);
      }
      case RouteKey.Inet _,
          RouteKey.Mac _,
          RouteKey.Broadcast _,
          RouteKey.Selective _,
          RouteKey.Prefix _,
          RouteKey.OtherEvpn _,
          RouteKey.Membership _,
          RouteKey.Vpn _ -> {}
    }
  }

  private void member(Id id, RouteKey.Group key, @Nullable Path path) {
    Path before = tree(id).members.remove(key);
    boolean stays =
        path != null && before != null && path.peer().name().equals(before.peer().name());
    if (before != null && !stays) {
      labels.withdraw(before.peer().name(), id);
    }
    if (path != null && path.attributes().tree() instanceof TreePart.Offer offer) {
      tree(id).members.put(key, path);
      labels.offer(path.peer().name(), id, offer);
    }
  }

  private Tree tree(Id id) {
    Tree known = trees.get(id);
    if (known == null) {
      known = new Tree();
      known.joined = joined(id);
      trees.put(id, known);
    }
    return known;
  }

  private static void set(SortedMap<Integer, Path> paths, int router, @Nullable Path path) {
    if (path == null) {
      paths.remove(router);
    } else {
      paths.put(router, path);
    }
  }

  /** Makes the trees what they should be now. Returns the tables of those that were touched. */
  Set<TableId> settle() {
    touched.addAll(labels.settle());
    if (touched.isEmpty()) {
      return Set.of();
    }
    Set<TableId> concerned = new LinkedHashSet<>();
    List<Id> all = List.copyOf(touched);
    touched.clear();
    for (Id id : all) {
      concerned.add(id.table());
      Tree tree = trees.get(id);
      if (tree != null) {
        settle(id, tree);
        if (tree.isEmpty()) {
          trees.remove(id);
        }
      }
    }
    return concerned;
  }

  private void settle(Id id, Tree tree) {
    List<Member> members = new ArrayList<>();
    tree.members.forEach((key, path) -> {
      int label = labels.label(path.peer().name(), id);
      if (label != 0) {
        members.add(
            new Member(key, path, new Branch(path.attributes().nextHop().address(), label)));
      }
    });
    Map<RouteKey, Path> wanted = new HashMap<>();
    Member joint = members.isEmpty() ? null : members.getLast();
    if (self != null && joint != null) {
      Path local = local(id, joint, self);
      wanted.put(local.key(), local);
      join(id, tree, joint, self).forEach(path -> wanted.put(path.key(), path));
    }
    Map<RouteKey, Path> before = tree.made;
    tree.made = Map.copyOf(wanted);
    before.forEach((key, path) -> {
      Route route = wanted.containsKey(key) ? null : tables.route(id.table(), key);
      if (route != null) {
        tables.remove(route, path);
      }
    });
    wanted.forEach((key, path) -> tables.put(tables.locate(id.table()).locate(key), path));
    tree.adverts = adverts(tree, members);
  }

  /** Where agents of other control nodes can be joined to this one's: at one, as often as fits. */
  private static Path local(Id id, Member joint, Ipv4Address self) {
    RouteKey.Tree key =
        new RouteKey.Tree(RouteKey.Tree.Kind.LOCAL, self.bits(), id.group(), id.source());
    List<Branch> edges = Collections.nCopies(JOINTS, joint.at());
    return path(id, key, joint, via(self, joint.path()).with(new TreePart.Edges(edges)));
  }

  /** How the trees of all control nodes are joined, if that is for this one to say. */
  private static List<Path> join(Id id, Tree tree, Member joint, Ipv4Address self) {
    if (tree.locals.isEmpty() || tree.locals.firstKey() != self.bits()) {
      return List.of();
    }
    List<Map.Entry<Integer, Path>> locals = new ArrayList<>();
    List<Branch> edges = new ArrayList<>();
    for (Map.Entry<Integer, Path> local : tree.locals.entrySet()) {
      if (local.getValue().attributes().tree() instanceof TreePart.Edges(List<Branch> offered)
          && !offered.isEmpty()
          && offered.getFirst().label() != 0) {
        locals.add(local);
        edges.add(offered.getFirst());
      }
    }
    List<Path> paths = new ArrayList<>();
    for (int i = 0; i < locals.size(); i++) {
      List<Joint> joints = new ArrayList<>();
      for (int neighbour : neighbours(i, locals.size(), JOINTS)) {
        joints.add(new Joint(edges.get(i), edges.get(neighbour)));
      }
      if (!joints.isEmpty()) {
        RouteAttributes attributes = via(self, locals.get(i).getValue());
        RouteKey key = global(id, locals.get(i).getKey());
        paths.add(path(id, key, joint, attributes.with(new TreePart.Joints(joints))));
      }
    }
    return paths;
  }

  /** Who is next to `i` in a tree of so many in order: the one above it, then those below it. */
  static List<Integer> neighbours(int i, int size, int degree) {
    List<Integer> found = new ArrayList<>();
    if (i > 0) {
      found.add((i - 1) / degree);
    }
    for (int below = i * degree + 1; below <= i * degree + degree && below < size; below++) {
      found.add(below);
    }
    return found;
  }

  private static RouteAttributes via(Ipv4Address self, Path spoken) {
    return RouteAttributes.of(
        new NextHop(self, 0, 0, spoken.attributes().nextHop().encapsulations(), null));
  }

  private static Path path(Id id, RouteKey key, Member joint, RouteAttributes attributes) {
    RouteDistinguisher rd = joint.key().owner();
    return new Path(id.table(), key, MAKER, 0, attributes, rd, Path.Condition.VALID, false);
  }

  // ---- what agents are told

  private static Map<String, Advert.Branching> adverts(Tree tree, List<Member> members) {
    Map<String, Advert.Branching> adverts = new HashMap<>();
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      List<Advert.Via> copies = new ArrayList<>();
      for (int neighbour : neighbours(i, members.size(), BRANCHES)) {
        Member other = members.get(neighbour);
        copies.add(copy(other.at(), other.path()));
      }
      if (i == members.size() - 1 && tree.joined != null) {
        copies.addAll(joints(tree.joined, member.at().address()));
      }
      String owner = member.path().peer().name();
      adverts.put(
          owner,
          new Advert.Branching(
              member.key(), member.path().attributes(), owner, member.at().label(), copies));
    }
    return adverts;
  }

  private static List<Advert.Via> joints(Path joined, IpAddress from) {
    List<Advert.Via> copies = new ArrayList<>();
    if (joined.attributes().tree() instanceof TreePart.Joints(List<Joint> joints)) {
      for (Joint joint : joints) {
        if (joint.from().address().equals(from)) {
          copies.add(copy(joint.to(), joined));
        }
      }
    }
    return copies;
  }

  private static Advert.Via copy(Branch to, Path spoken) {
    NextHop nextHop =
        new NextHop(
            to.address(), to.label(), 0, spoken.attributes().nextHop().encapsulations(), null);
    return new Advert.Via(nextHop, null);
  }

  /** Tells each agent its places in the trees of an instance. Returns whether any is new. */
  boolean tell(RibOut ribOut, boolean isConfigured) {
    Map<String, Map<RouteKey, Advert>> all = new HashMap<>();
    if (isConfigured) {
      String instance = ribOut.table().instance();
      Id first = new Id(instance, Ipv4Address.ANY, Ipv4Address.ANY);
      for (Map.Entry<Id, Tree> tree : trees.tailMap(first).entrySet()) {
        if (!tree.getKey().instance().equals(instance)) {
          break;
        }
        tree.getValue()
            .adverts
            .forEach((owner, advert) ->
                all.computeIfAbsent(owner, _ -> new HashMap<>()).put(advert.key(), advert));
      }
    }
    boolean isNew = false;
    for (String member : ribOut.members()) {
      isNew |= ribOut.setOwn(member, all.getOrDefault(member, Map.of()));
    }
    return isNew;
  }
}
