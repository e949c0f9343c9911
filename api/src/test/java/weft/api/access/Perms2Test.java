package weft.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;

class Perms2Test {
  private static final String MINE = "11111111222233334444555555555555";
  private static final String DASHED = "11111111-2222-3333-4444-555555555555";
  private static final String OTHER = "99999999222233334444555555555555";

  /** Shares are `tenant:U=bits`, by blanks. */
  private static ConfigObject object(String owner, int ownerBits, int globalBits, String shares) {
    var body = Json.object();
    var perms2 = body.putObject("perms2");
    perms2.put("owner", owner).put("owner_access", ownerBits).put("global_access", globalBits);
    var list = perms2.putArray("share");
    for (String share : shares.split(" ")) {
      int equals = share.indexOf('=');
      if (equals > 0) {
        list.addObject()
            .put("tenant", share.substring(0, equals))
            .put("tenant_access", Integer.parseInt(share.substring(equals + 1)));
      }
    }
    return new ConfigObject(
        Schema.required("virtual-network"), new UUID(0, 1), FqName.of("n"), body, 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // owner                               |own|all| shares                | bits
        "11111111222233334444555555555555      | 7 | 0 | -                     | 7",
        "11111111-2222-3333-4444-555555555555  | 5 | 0 | -                     | 5",
        "11111111-2222-3333-4444-55555555555   | 7 | 0 | -                     | 0",
        "11111111222233334444555555555555a     | 7 | 0 | -                     | 0",
        "99999999222233334444555555555555      | 7 | 0 | -                     | 0",
        "99999999222233334444555555555555      | 7 | 5 | -                     | 5",
        "cloud-admin                           | 7 | 0 | tenant:MINE=4         | 4",
        "cloud-admin                           | 7 | 0 | tenant:DASHED=4       | 4",
        "cloud-admin                           | 7 | 0 | DASHED=1              | 1",
        "cloud-admin                           | 7 | 0 | tenant:OTHER=7        | 0",
        "cloud-admin                           | 7 | 0 | domain:DASHED=7       | 0",
        "cloud-admin                           | 7 | 0 | domain:DOMAIN=6       | 6",
        "cloud-admin                           | 7 | 1 | domain:DOMAIN=2 tenant:MINE=4 | 7",
        "cloud-admin                           | 7 | 0 | tenant:=7             | 0",
        "''                                    | 7 | 0 | -                     | 0",
      })
  void whatAProjectMay(String owner, int ownerBits, int globalBits, String shares, int bits) {
    String written =
        shares
            .replace("MINE", MINE)
            .replace("DASHED", DASHED)
            .replace("OTHER", OTHER)
            .replace("DOMAIN", "abcdef00-2222-3333-4444-555555555555");
    ConfigObject object = object(owner, ownerBits, globalBits, written);
    assertThat(Perms2.bits(object, MINE, "abcdef00222233334444555555555555")).isEqualTo(bits);
  }

  @Test
  void withoutAProjectOnlyWhatAllMay() {
    ConfigObject object = object(MINE, 7, 4, "tenant:" + MINE + "=7");
    assertThat(Perms2.bits(object, null, null)).isEqualTo(4);
  }

  @Test
  void asAPlainEvaluation() {
    Random random = new Random(7);
    String[] ids = {MINE, OTHER, "cloud-admin"};
    for (int round = 0; round < 20_000; round++) {
      String owner = ids[random.nextInt(3)];
      int ownerBits = random.nextInt(8);
      int globalBits = random.nextInt(8);
      List<String> shares = new ArrayList<>();
      @Nullable String project = random.nextInt(4) == 0 ? null : ids[random.nextInt(2)];
      @Nullable String domain = random.nextInt(4) == 0 ? null : ids[random.nextInt(2)];
      int expected = globalBits | (owner.equals(project) ? ownerBits : 0);
      int shared = globalBits;
      for (int i = random.nextInt(4); i > 0; i--) {
        boolean ofDomain = random.nextBoolean();
        String with = ids[random.nextInt(2)];
        int bits = random.nextInt(8);
        shares.add((ofDomain ? "domain:" : "tenant:") + with + "=" + bits);
        if (with.equals(ofDomain ? domain : project)) {
          shared |= bits;
        }
      }
      ConfigObject object = object(owner, ownerBits, globalBits, String.join(" ", shares));
      assertThat(Perms2.bits(object, project, domain)).isEqualTo(expected | shared);
      assertThat(Perms2.sharedBits(object, project, domain)).isEqualTo(shared);
    }
  }
}
