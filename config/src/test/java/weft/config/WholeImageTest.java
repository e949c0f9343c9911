package weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import weft.schema.ConfigObject;
import weft.state.Change;
import weft.testkit.Seeds;

/** An image made of many objects at once is the one that comes of them one after the other. */
class WholeImageTest {
  private static final String[] NAMES = {
    "net", "net-", "net:1", "n", "", "NET", "ä", "\uD83D\uDE00"
  };

  private static ConfigImage applied(
      ConfigImage image, List<ConfigObject> objects, boolean snapshot) {
    List<Change<UUID, ConfigObject>> changes = new ArrayList<>();
    objects.forEach(object -> changes.add(new Change.Put<>(object.uuid(), null, object)));
    return image.with(new ConfigDelta(image.revision() + 1, changes, List.of(), snapshot));
  }

  private static List<ConfigObject> objects(SplittableRandom random, int count) {
    List<ConfigObject> projects = new ArrayList<>();
    ConfigObject domain = Objects.root("domain", "default-domain");
    ConfigObject absentDomain = Objects.root("domain", "gone");
    for (int i = 0; i < 5; i++) {
      ConfigObject parent = random.nextInt(4) == 0 ? absentDomain : domain;
      projects.add(Objects.child(parent, "project", NAMES[i] + i));
    }
    List<ConfigObject> targets = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ConfigObject project = projects.get(random.nextInt(5));
      targets.add(Objects.child(project, "virtual-network", "network-" + i));
    }
    List<ConfigObject> all = new ArrayList<>(projects);
    all.add(domain);
    all.addAll(targets.subList(0, 15)); // The others are referred to without being there.
    for (int i = 0; i < count; i++) {
      String name = NAMES[random.nextInt(NAMES.length)] + i % (count / 2 + 1) + "-" + i;
      ConfigObject port =
          random.nextInt(10) == 0
              ? Objects.root("virtual-machine-interface", name)
              : Objects.child(projects.get(random.nextInt(5)), "virtual-machine-interface", name);
      ConfigObject one = targets.get(random.nextInt(20));
      ConfigObject other = targets.get(random.nextInt(20));
      all.add(random.nextInt(10) == 0 ? port : Objects.referring(port, one, other));
    }
    return all;
  }

  private static void same(ConfigImage whole, ConfigImage grown, List<ConfigObject> all) {
    assertThat(whole.size()).isEqualTo(grown.size());
    for (String type :
        List.of("domain", "project", "virtual-network", "virtual-machine-interface")) {
      assertThat(List.copyOf(whole.objects(type))).isEqualTo(List.copyOf(grown.objects(type)));
    }
    for (ConfigObject object : all) {
      assertThat(whole.object(object.uuid())).isSameAs(object);
      assertThat(whole.object(object.type().name(), object.fqName())).isSameAs(object);
      assertThat(whole.children(object.uuid())).isEqualTo(grown.children(object.uuid()));
      assertThat(whole.referrers(object.uuid())).isEqualTo(grown.referrers(object.uuid()));
      for (UUID target : object.targets()) {
        assertThat(whole.referrers(target)).isEqualTo(grown.referrers(target));
      }
    }
  }

  @Test
  void isTheOneThatComesOfItsObjectsOneByOne() {
    Seeds.each(
        20,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          List<ConfigObject> all = objects(random, random.nextInt(1, 300));
          ConfigImage grown = ConfigImage.EMPTY;
          for (ConfigObject object : all) {
            grown = applied(grown, List.of(object), false);
          }
          same(applied(ConfigImage.EMPTY, all, true), grown, all);
        });
  }

  @Test
  void isTheSameWhenManyProcessorsTakePart() {
    List<ConfigObject> all = objects(new SplittableRandom(1), 40_000);
    ConfigImage whole = applied(ConfigImage.EMPTY, all, true);
    ConfigImage grown = applied(ConfigImage.EMPTY, all.subList(0, 1), false);
    grown = applied(grown, all.subList(1, all.size()), false);
    same(whole, grown, all.subList(all.size() - 20, all.size()));
  }
}
