package weft.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.http.Json;

class RulesTest {
  /** Object, field, role and what it may; parts by blanks, rules by commas. */
  private static Rules rules(String... lists) {
    List<AccessList> read = new ArrayList<>();
    for (String list : lists) {
      var entries = Json.object();
      var rules = entries.putArray("rbac_rule");
      for (String text : list.split(",")) {
        String[] part = text.strip().split(" ");
        var rule = rules.addObject().put("rule_object", part[0]);
        rule.put("rule_field", part[1].equals("-") ? "" : part[1]);
        rule.putArray("rule_perms").addObject().put("role_name", part[2]).put("role_crud", part[3]);
      }
      read.add(AccessList.of(entries));
    }
    return new Rules(read);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // rules                                      | object          | fields   | right  | roles
        // | allowed
        "virtual-network - member CR                  | virtual-network | -        | CREATE | member | true",
        "virtual-network - member CR                  | virtual-network | mtu      | CREATE | member | true",
        "virtual-network - member CR                  | virtual-network | -        | DELETE | member | false",
        "virtual-network - member CR                  | virtual-network | -        | CREATE | other  | false",
        "virtual-network - member CR                  | security-group  | -        | READ   | member | false",
        "virtual-network - Member CR                  | virtual-network | -        | READ   | mEMBER | true",
        "virtual-network * member CR                  | virtual-network | mtu      | CREATE | member | true",
        "* - * R                                      | alarm           | -        | READ   | any    | true",
        "* - * R                                      | alarm           | -        | UPDATE | any    | false",
        // the object's own rule goes before that of all objects, also where it grants less
        "* - * CRUD, alarm - * R                      | alarm           | -        | DELETE | any    | false",
        "* - * CRUD, alarm - * R                      | domain          | -        | DELETE | any    | true",
        // a field's rule goes before that of the object
        "alarm - * CRUD, alarm uve_keys * R           | alarm           | uve_keys | UPDATE | any    | false",
        "alarm - * CRUD, alarm uve_keys * R           | alarm           | uve_keys | CREATE | any    | false",
        "alarm - * CRUD, alarm uve_keys * R           | alarm           | other    | UPDATE | any    | true",
        "alarm - * CRUD, alarm uve_keys * R           | alarm           | other uve_keys | UPDATE | any | false",
        "alarm uve-keys * U                           | alarm           | uve_keys | UPDATE | any    | true",
        "alarm uve_keys * U                           | alarm           | other uve_keys | UPDATE | any | false",
        "alarm uve_keys * C                           | alarm           | uve_keys | CREATE | any    | false",
        "* perms2 * R, alarm - * CRUD                 | alarm           | perms2   | UPDATE | any    | false",
        "* perms2 * R, alarm perms2 a U, alarm - * R  | alarm           | perms2   | UPDATE | a      | true",
        // rules about the same join
        "alarm - a C, alarm - b D                     | alarm           | -        | DELETE | a b    | true",
        "alarm - a C, alarm - * R                     | alarm           | -        | READ   | a      | true",
        "alarm - a C, alarm - b D                     | alarm           | -        | DELETE | a      | false",
      })
  void oneList(
      String list, String object, String fields, Right right, String roles, boolean allowed) {
    List<String> set = fields == null ? List.of() : List.of(fields.split(" "));
    assertThat(rules(list).allow(object, set, right, Set.of(roles.split(" ")))).isEqualTo(allowed);
  }

  @Test
  void listsJoin() {
    Rules both = rules("alarm - a C", "alarm - a R, * - a D");
    assertThat(both.allow("alarm", List.of(), Right.CREATE, Set.of("a"))).isTrue();
    assertThat(both.allow("alarm", List.of(), Right.READ, Set.of("a"))).isTrue();
    assertThat(both.allow("alarm", List.of(), Right.DELETE, Set.of("a"))).isFalse();
    assertThat(both.allow("domain", List.of(), Right.DELETE, Set.of("a"))).isTrue();
    assertThat(Rules.NONE.allow("alarm", List.of(), Right.READ, Set.of("a"))).isFalse();
  }

  private record Plain(String object, String field, String role, String crud) {}

  /** Random rules, asked of the prepared form and of a plain walk over all of them. */
  @Test
  void asAPlainWalkOverTheRules() {
    Random random = new Random(20_261_123);
    String[] objects = {"a", "b", "*"};
    String[] fields = {"-", "*", "f", "g"};
    String[] roles = {"x", "y", "*"};
    int granted = 0;
    for (int round = 0; round < 20_000; round++) {
      List<Plain> plain = new ArrayList<>();
      String[] lists = new String[1 + random.nextInt(3)];
      for (int list = 0; list < lists.length; list++) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
          String crud = "CRUD".substring(random.nextInt(3), 3 + random.nextInt(2));
          Plain rule =
              new Plain(pick(objects, random), pick(fields, random), pick(roles, random), crud);
          plain.add(rule);
          texts.add(rule.object() + " " + rule.field() + " " + rule.role() + " " + crud);
        }
        lists[list] = String.join(",", texts);
      }
      Set<String> asked = new TreeSet<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        asked.add(pick(new String[] {"f", "g", "h"}, random));
      }
      Set<String> bearer = random.nextBoolean() ? Set.of("x") : Set.of("y", "z");
      Right right = Right.values()[random.nextInt(4)];
      String object = random.nextBoolean() ? "a" : "c";
      boolean expected = plainly(plain, object, asked, right, bearer);
      granted += expected ? 1 : 0;
      assertThat(rules(lists).allow(object, asked, right, bearer))
          .describedAs("%s: %s %s %s by %s", plain, right, object, asked, bearer)
          .isEqualTo(expected);
    }
    assertThat(granted).isBetween(2_000, 18_000);
  }

  private static String pick(String[] from, Random random) {
    return from[random.nextInt(from.length)];
  }

  private static boolean plainly(
      List<Plain> rules, String object, Set<String> fields, Right right, Set<String> roles) {
    boolean whole = right != Right.UPDATE || fields.isEmpty();
    for (String field : fields) {
      List<Plain> about = about(rules, object, field);
      if (about.isEmpty()) {
        whole = true;
      } else if (!grants(about, right, roles)) {
        return false;
      }
    }
    return !whole || grants(about(rules, object, "-"), right, roles);
  }

  /** The rules on the field of this object, else on that of any. */
  private static List<Plain> about(List<Plain> rules, String object, String field) {
    for (String name : new String[] {object, "*"}) {
      List<Plain> found =
          rules.stream()
              .filter(rule ->
                  rule.object().equals(name)
                      && (rule.field().equals("*") ? "-" : rule.field()).equals(field))
              .toList();
      if (!found.isEmpty()) {
        return found;
      }
    }
    return List.of();
  }

  private static boolean grants(List<Plain> rules, Right right, Set<String> roles) {
    return rules.stream()
        .anyMatch(rule ->
            (rule.role().equals("*") || roles.contains(rule.role()))
                && rule.crud().indexOf(right.letter()) >= 0);
  }
}
