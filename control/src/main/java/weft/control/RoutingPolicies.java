package weft.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.net.ExtendedCommunity;
import weft.net.IpPrefix;
import weft.net.RouteTarget;
import weft.routing.Communities;
import weft.routing.CommunityMatch;
import weft.routing.RoutingPolicy;
import weft.routing.RoutingPolicy.Action;
import weft.routing.RoutingPolicy.Change;
import weft.routing.RoutingPolicy.Match;
import weft.routing.RoutingPolicy.PrefixMatch;
import weft.routing.RoutingPolicy.Protocol;
import weft.routing.RoutingPolicy.Term;
import weft.routing.RoutingPolicy.Update;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/**
 * Reads the routing policies of an instance out of the config.
 *
 * <p>A term that cannot be read is left out with a warning: what it would have matched is judged by
 * the terms after it.
 */
final class RoutingPolicies {
  static final String TYPE = "routing-policy";

  private static final Logger LOG = LoggerFactory.getLogger(RoutingPolicies.class);

  private RoutingPolicies() {}

  private record Placed(Sequence sequence, ConfigObject policy) {}

  /** `1.0`: major and minor number. */
  private record Sequence(long major, long minor) implements Comparable<Sequence> {
    private static final Comparator<Sequence> ORDER =
        Comparator.comparingLong(Sequence::major).thenComparingLong(Sequence::minor);

    static Sequence of(@Nullable JsonNode attr) {
      String[] parts = attr == null ? new String[0] : text(attr.path("sequence")).split("\\.", 2);
      return new Sequence(part(parts, 0), part(parts, 1));
    }

    private static long part(String[] parts, int index) {
      String text = index < parts.length ? parts[index] : "";
      return text.matches("\\d{1,9}") ? Long.parseLong(text) : 0;
    }

    @Override
    public int compareTo(Sequence other) {
      return ORDER.compare(this, other);
    }
  }

  /** Those attached to the instance, in the order of their sequence. */
  static RoutingPolicy of(ConfigImage image, ConfigObject instance) {
    List<Placed> placed = new ArrayList<>();
    for (ConfigObject policy : image.referrers(instance.uuid(), TYPE)) {
      for (Ref ref : policy.refs("routing-instance")) {
        if (ref.uuid().equals(instance.uuid()) && isForRouting(policy)) {
          placed.add(new Placed(Sequence.of(ref.attr()), policy));
        }
      }
    }
    placed.sort(
        Comparator.comparing(Placed::sequence).thenComparing(each -> each.policy().fqName()));
    return placed.isEmpty()
        ? RoutingPolicy.NONE
        : new RoutingPolicy(placed.stream().map(each -> terms(each.policy())).toList());
  }

  /** Terms of the other kind are for physical routers. */
  private static boolean isForRouting(ConfigObject policy) {
    JsonNode type = policy.property("term_type");
    return type == null || !text(type).equals("network-device");
  }

  private static List<Term> terms(ConfigObject policy) {
    JsonNode entries = policy.property("routing_policy_entries");
    List<Term> terms = new ArrayList<>();
    if (entries != null) {
      for (JsonNode term : entries.path("term")) {
        try {
          terms.add(term(term));
        } catch (IllegalArgumentException e) {
          LOG.warn("term of routing-policy {} ignored: {}", policy.fqName(), e.getMessage());
        }
      }
    }
    return terms;
  }

  private static Term term(JsonNode term) {
    JsonNode actions = term.path("term_action_list");
    return new Term(match(term.path("term_match_condition")), update(actions), action(actions));
  }

  // ---- what is matched

  private static Match match(JsonNode condition) {
    List<PrefixMatch> prefixes = new ArrayList<>();
    for (JsonNode prefix : condition.path("prefix")) {
      prefixes.add(new PrefixMatch(prefix(text(prefix.path("prefix"))), reach(prefix)));
    }
    List<String> communities = texts(condition.path("community_list"));
    String single = text(condition.path("community"));
    if (!single.isEmpty() && !communities.contains(single)) {
      communities.addFirst(single);
    }
    Set<Protocol> protocols = EnumSet.noneOf(Protocol.class);
    for (String word : texts(condition.path("protocol"))) {
      Protocol protocol = Protocol.of(word);
      if (protocol == null) {
        throw new IllegalArgumentException("protocol '" + word + "' is none of routes here");
      }
      protocols.add(protocol);
    }
    return new Match(
        prefixes,
        new CommunityMatch(communities, condition.path("community_match_all").asBoolean(false)),
        new CommunityMatch(
            texts(condition.path("extcommunity_list")),
            condition.path("extcommunity_match_all").asBoolean(false)),
        protocols);
  }

  /** A prefix, of which zeros at the end may be left out: `10/8`. */
  static IpPrefix prefix(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || text.indexOf(':') >= 0) {
      return IpPrefix.parse(text);
    }
    StringBuilder address = new StringBuilder(text.substring(0, slash));
    for (long dots = address.chars().filter(c -> c == '.').count(); dots < 3; dots++) {
      address.append(".0");
    }
    return IpPrefix.parse(address + text.substring(slash));
  }

  private static PrefixMatch.Reach reach(JsonNode prefix) {
    String word = text(prefix.path("prefix_type"));
    return switch (word) {
      case "", "exact" -> PrefixMatch.Reach.EXACT;
      case "longer" -> PrefixMatch.Reach.LONGER;
      case "orlonger" -> PrefixMatch.Reach.OR_LONGER;
      default -> throw new IllegalArgumentException("prefix type '" + word + "'");
    };
  }

  // ---- what is done

  private static Action action(JsonNode actions) {
    String word = text(actions.path("action"));
    return switch (word) {
      case "accept" -> Action.ACCEPT;
      case "reject" -> Action.REJECT;
      case "", "next" ->
          text(actions.path("action_next_value")).equals("policy")
              ? Action.NEXT_POLICY
              : Action.NEXT_TERM;
      default -> throw new IllegalArgumentException("action '" + word + "'");
    };
  }

  private static Update update(JsonNode actions) {
    JsonNode update = actions.path("update");
    List<Long> asPath = new ArrayList<>();
    update.path("as_path").path("expand").path("asn_list").forEach(asn -> asPath.add(asn.asLong()));
    return new Update(
        number(update.path("local_pref")),
        number(update.path("med")),
        communities(update.path("community")),
        extended(update.path("extcommunity")),
        asPath);
  }

  private static @Nullable Long number(JsonNode node) {
    return node.isNumber() ? (Long) node.asLong() : null;
  }

  private static Change<Integer> communities(JsonNode change) {
    JsonNode set = change.path("set");
    return new Change<Integer>(
        set.isObject() ? communityList(set) : null,
        communityList(change.path("add")),
        communityList(change.path("remove")));
  }

  private static List<Integer> communityList(JsonNode list) {
    List<Integer> found = new ArrayList<>();
    for (String word : texts(list.path("community"))) {
      Integer community = Communities.parse(word);
      if (community == null) {
        throw new IllegalArgumentException("'" + word + "' is no community");
      }
      found.add(community);
    }
    return found;
  }

  private static Change<ExtendedCommunity> extended(JsonNode change) {
    JsonNode set = change.path("set");
    return new Change<ExtendedCommunity>(
        set.isObject() ? extendedList(set) : null,
        extendedList(change.path("add")),
        extendedList(change.path("remove")));
  }

  private static List<ExtendedCommunity> extendedList(JsonNode list) {
    List<ExtendedCommunity> found = new ArrayList<>();
    for (String word : texts(list.path("community"))) {
      found.add(
          word.matches("0x[0-9a-fA-F]{16}")
              ? new ExtendedCommunity(Long.parseUnsignedLong(word.substring(2), 16))
              : RouteTarget.parse(word).toCommunity());
    }
    return found;
  }

  private static String text(JsonNode node) {
    return node.isString() ? node.asString().strip() : "";
  }

  private static List<String> texts(JsonNode list) {
    List<String> found = new ArrayList<>();
    list.forEach(each -> found.add(text(each)));
    found.removeIf(String::isEmpty);
    return found;
  }
}
