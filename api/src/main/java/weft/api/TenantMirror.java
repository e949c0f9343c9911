package weft.api;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.api.IdentityService.Tenant;
import weft.api.access.Caller;
import weft.api.access.Perms2;
import weft.api.model.Edit;
import weft.api.model.ObjectChanges;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;

/**
 * Keeps a domain or project in the config for each that the identity service has, with its uuid.
 *
 * <p>Several servers may do so at once: what is there already is left alone.
 */
final class TenantMirror implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TenantMirror.class);

  /** Marks what was made here, and may be removed when it is gone there. */
  private static final String CREATOR = "identity-service";

  private static final String DEFAULT_ID = "default";
  private static final FqName DEFAULT_DOMAIN = FqName.of("default-domain");
  private static final Pattern UNUSABLE = Pattern.compile("[:<>&'\"\\p{Cntrl}]");

  private final IdentityService identities;
  private final ConfigDb db;
  private final Writer writer;
  private final Duration interval;
  private final Thread thread;
  private boolean failing;

  private TenantMirror(IdentityService identities, ConfigDb db, Writer writer, Duration interval) {
    this.identities = identities;
    this.db = db;
    this.writer = writer;
    this.interval = interval;
    this.thread = Thread.ofVirtual().name("tenants").unstarted(this::run);
  }

  static TenantMirror start(
      IdentityService identities, ConfigDb db, Writer writer, Duration interval) {
    TenantMirror mirror = new TenantMirror(identities, db, writer, interval);
    mirror.thread.start();
    return mirror;
  }

  private void run() {
    try {
      while (true) {
        resync();
        Thread.sleep(interval);
      }
    } catch (InterruptedException _) {
      LOG.debug("no longer follows domains and projects");
    }
  }

  private void resync() throws InterruptedException {
    try {
      List<Tenant> tenants = identities.tenants();
      bring(tenants);
      removeOthers(tenants);
      if (failing) {
        LOG.info("domains and projects are followed again");
      }
      failing = false;
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        LOG.warn("domains and projects are not followed until this is over: {}", e.getMessage());
      }
      failing = true;
    }
  }

  /**
   * Brings a project that the config lacks, if there is such.
   *
   * @throws HttpError 503 if that cannot be told now
   */
  void fetch(UUID project) throws InterruptedException {
    ConfigObject known = db.image().object(project);
    if (known == null) {
      try {
        bring(identities.project(Perms2.undashed(project)));
      } catch (IOException e) {
        throw new HttpError(503, String.valueOf(e.getMessage()));
      }
    }
  }

  private void bring(List<Tenant> tenants) throws InterruptedException {
    for (Tenant tenant : tenants) {
      if (!isThere(tenant, db.image())) {
        writer.write(
            Caller.SYSTEM,
            Hrefs.LOCAL,
            edit -> {
              bring(tenant, edit);
              return tenant;
            });
      }
    }
  }

  private static boolean isThere(Tenant tenant, ConfigImage image) {
    UUID uuid = Perms2.uuid(tenant.id());
    if (uuid == null) {
      return true; // The default domain, or something that cannot be mirrored.
    }
    ConfigObject object = image.object(uuid);
    return object != null && (!isOurs(object) || shownName(object).equals(tenant.name()));
  }

  private static void bring(Tenant tenant, Edit edit) {
    UUID uuid = Perms2.uuid(tenant.id());
    if (uuid == null) {
      return;
    }
    ObjectNode body = Json.object();
    body.put("display_name", tenant.name());
    ConfigObject known = edit.current(uuid);
    if (known != null) {
      ObjectChanges.update(known, body, edit);
      return;
    }
    String type = tenant.domainId() == null ? "domain" : "project";
    ConfigObject domain = tenant.domainId() == null ? null : domain(tenant.domainId(), edit);
    if (domain == null && tenant.domainId() != null) {
      return; // Its domain went meanwhile.
    }
    body.put("uuid", uuid.toString());
    body.set("fq_name", freeName(type, domain, tenant.name(), uuid, edit).toJson());
    if (domain != null) {
      body.put("parent_type", "domain");
    }
    body.putObject("id_perms").put("enable", true).put("creator", CREATOR);
    ObjectChanges.create(Schema.required(type), body, edit);
  }

  private static @Nullable ConfigObject domain(String id, Edit edit) {
    if (id.equals(DEFAULT_ID)) {
      return edit.current("domain", DEFAULT_DOMAIN);
    }
    UUID uuid = Perms2.uuid(id);
    return uuid == null ? null : edit.current(uuid);
  }

  /** The name, made unlike that of another object by the uuid. */
  private static FqName freeName(
      String type, @Nullable ConfigObject domain, String name, UUID uuid, Edit edit) {
    String usable = UNUSABLE.matcher(name).replaceAll("_");
    FqName fqName = domain == null ? FqName.of(usable) : domain.fqName().child(usable);
    if (edit.current(type, fqName) == null) {
      return fqName;
    }
    String apart = usable + "-" + uuid;
    return domain == null ? FqName.of(apart) : domain.fqName().child(apart);
  }

  /** What is gone there goes here too, once nothing is left in it. */
  private void removeOthers(List<Tenant> tenants) throws InterruptedException {
    Set<UUID> present = new HashSet<>();
    for (Tenant tenant : tenants) {
      UUID uuid = Perms2.uuid(tenant.id());
      if (uuid != null) {
        present.add(uuid);
      }
    }
    ConfigImage image = db.image();
    List<ConfigObject> gone = new ArrayList<>();
    for (String type : List.of("project", "domain")) {
      image.objects(type).stream()
          .filter(object -> isOurs(object) && !present.contains(object.uuid()))
          .forEach(gone::add);
    }
    gone.sort(Comparator.comparing(ConfigObject::fqName).reversed());
    for (ConfigObject object : gone) {
      remove(object);
    }
  }

  /** Refused, and tried again later, while something of users is left in it. */
  private void remove(ConfigObject object) throws InterruptedException {
    try {
      writer.write(
          Caller.SYSTEM,
          Hrefs.LOCAL,
          edit -> {
            ConfigObject current = edit.current(object.uuid());
            if (current != null) {
              ObjectChanges.delete(current, edit);
            }
            return object;
          });
      LOG.info(
          "removed {} {}, which the identity service no longer has",
          object.type(),
          object.fqName());
    } catch (HttpError e) {
      LOG.debug("{} {} stays: {}", object.type(), object.fqName(), e.text());
    }
  }

  private static boolean isOurs(ConfigObject object) {
    return text(object, "id_perms", "creator").equals(CREATOR);
  }

  private static String shownName(ConfigObject object) {
    var name = object.property("display_name");
    return name == null ? "" : name.asString("");
  }

  private static String text(ConfigObject object, String property, String field) {
    var value = object.property(property);
    return value == null ? "" : value.path(field).asString("");
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
