package weft.neutron;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.ApiHandler;
import weft.api.Extension;
import weft.api.Writer;
import weft.api.access.Access;
import weft.api.access.Caller;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.config.ConfigOutcome;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;

/** The calls of Neutron's core plugin: `POST /neutron/RESOURCE`. */
public final class NeutronApi implements Extension {
  private static final String QUOTA = "quota limit (";
  private static final String REQUEST_ID = "X-Openstack-Request-Id";

  private final Map<String, Resource> resources = new HashMap<>();
  private final Plugging plugging;

  /**
   * @param plugging what is known of the hosts
   */
  public NeutronApi(Plugging plugging) {
    this.plugging = plugging;
    SecurityGroups groups = new SecurityGroups();
    Ports ports = new Ports(groups);
    Subnets subnets = new Subnets(new Hints(Lookup.NETWORK));
    RouterGateways gateways = new RouterGateways(ports);
    List<Resource> all = new ArrayList<>();
    all.add(new Networks(groups));
    all.add(subnets);
    all.add(new SubnetPools());
    all.add(ports);
    all.add(new Routers(new RouterInterfaces(subnets, ports), gateways));
    all.add(new FloatingIps());
    all.add(groups);
    all.add(new SecurityGroupRules(new Hints(Lookup.GROUP)));
    all.add(new Trunks());
    all.add(new Tags(subnets));
    all.add(new Quotas());
    all.add(new RbacPolicies());
    all.add(new AvailabilityZones());
    all.add(new Agents());
    all.add(new MeteringLabels());
    all.add(new MeteringLabels.Rules());
    all.add(new IpAvailabilities());
    all.add(new NatInstances());
    all.add(new VirtualRouters());
    all.addAll(Plain.all());
    all.addAll(Unsupported.all());
    all.forEach(resource -> resources.put(resource.name(), resource));
  }

  @Override
  public Map<String, ApiHandler> calls(ConfigDb db, Writer writer) {
    return Map.of("/neutron/{resource}", new Shell(db, writer));
  }

  /** The calls over one config. */
  private final class Shell implements ApiHandler {
    private final ConfigDb db;
    private final Writer writer;

    Shell(ConfigDb db, Writer writer) {
      this.db = db;
      this.writer = writer;
    }

    /** The answer bears the id that the request came with, which Neutron gave it. */
    @Override
    public Response handle(Request request, Caller caller) throws InterruptedException {
      Response response = answer(request, caller);
      String id = request.header(REQUEST_ID);
      return id == null || !id.matches("[A-Za-z0-9-]{1,64}")
          ? response
          : response.withHeader(REQUEST_ID, id);
    }

    private Response answer(Request request, Caller caller) throws InterruptedException {
      String name = request.param("resource");
      Resource resource = resources.get(name);
      if (resource == null) {
        throw HttpError.notFound("Not found: '" + request.path() + "'");
      }
      try {
        return answer(resource, request, caller);
      } catch (NeutronException e) {
        return refused(e);
      } catch (HttpError e) {
        if (e.status() >= 500 || e.status() == 401) {
          throw e;
        }
        return refused(translated(name, e));
      }
    }

    private Response answer(Resource resource, Request request, Caller caller)
        throws InterruptedException {
      Call call = Call.read(resource.name(), request.json());
      Session session = new Session(resource, call, caller);
      return switch (call.operation()) {
        case READ -> Response.json(session.read());
        case READALL -> Response.text(200, Json.text(session.list()));
        case READCOUNT -> Response.json(Json.object().put("count", session.list().size()));
        case CREATE -> Response.json(session.create());
        case UPDATE -> Response.json(session.update());
        case DELETE -> session.delete();
        case ADDINTERFACE,
            DELINTERFACE,
            ADD_SUBPORTS,
            REMOVE_SUBPORTS,
            INSERT_RULE,
            REMOVE_RULE,
            ADD_EXTRAROUTES,
            REMOVE_EXTRAROUTES ->
            Response.json(session.act());
      };
    }

    /** One call and its resource. */
    private final class Session {
      private final Resource resource;
      private final Call call;
      private final Caller caller;

      Session(Resource resource, Call call, Caller caller) {
        this.resource = resource;
        this.call = call;
        this.caller = caller;
      }

      /** Who is no administrator here speaks for its own project alone. */
      private Context context(Access access) {
        return caller.admin() ? call.context() : Context.of(access);
      }

      private View view() {
        ConfigImage image = db.image();
        return new View(image, context(writer.access(caller, image)), plugging);
      }

      private <T> T write(Function<Change, T> plan) throws InterruptedException {
        return writer.write(
            caller,
            (outcome, edit) -> refusal(outcome),
            edit -> plan.apply(new Change(edit, context(edit.access()))));
      }

      /** A name that is taken is chosen anew; what is in use is found to be so. */
      private @Nullable RuntimeException refusal(ConfigOutcome outcome) {
        return outcome instanceof ConfigOutcome.StillReferenced(var object, var _, var referrers)
            ? resource.inUse(
                call.id(),
                object.type()
                    + " "
                    + object.uuid()
                    + (referrers.isEmpty()
                        ? " has children"
                        : " is used by " + referrers.getFirst().type()))
            : null;
      }

      private void supply() throws InterruptedException {
        if (resource.lacks(call, view())) {
          write(change -> {
            resource.supply(call, change);
            return true;
          });
        }
      }

      private Sent sent(ObjectNode node) {
        return new Sent(resource.name(), node);
      }

      private Sent sent() {
        return sent(call.resource().deepCopy());
      }

      ObjectNode read() throws InterruptedException {
        if (resource instanceof Tags tags) {
          return tagged(tags);
        }
        View view = view();
        return call.selection().trimmed(TenantPolicy.shown(resource, call.id(), view));
      }

      private ObjectNode tagged(Tags tags) throws InterruptedException {
        return write(change -> tags.apply(call.operation(), call.id(), sent(), change));
      }

      ArrayNode list() throws InterruptedException {
        supply();
        ArrayNode list = Json.array();
        call.selection()
            .apply(TenantPolicy.shown(resource, call.selection(), view()), resource.name())
            .forEach(list::add);
        return list;
      }

      JsonNode create() throws InterruptedException {
        if (resource instanceof Tags tags) {
          return tagged(tags);
        }
        if (call.resources().isEmpty() && !call.bulk()) {
          throw NeutronException.badRequest(resource.name(), "resource is missing");
        }
        List<String> ids =
            write(change -> {
              List<String> made = new ArrayList<>();
              for (ObjectNode each : call.resources()) {
                TenantPolicy.demand(Operation.CREATE, "", sent(each), change);
                made.add(resource.create(sent(each.deepCopy()), change));
              }
              return made;
            });
        View view = view();
        if (!call.bulk()) {
          return TenantPolicy.shown(resource, ids.getFirst(), view);
        }
        ArrayNode list = Json.array();
        ids.forEach(id -> list.add(TenantPolicy.shown(resource, id, view)));
        return list;
      }

      ObjectNode update() throws InterruptedException {
        if (resource instanceof Tags tags) {
          return tagged(tags);
        }
        Consumer<Change> undisturbed = constrained();
        write(change -> {
          undisturbed.accept(change);
          TenantPolicy.demand(Operation.UPDATE, call.id(), sent(), change);
          resource.update(call.id(), sent(), change);
          return true;
        });
        return TenantPolicy.shown(resource, call.id(), view());
      }

      /** What a call that names a revision wants of the config as it changes it. */
      private Consumer<Change> constrained() {
        String wanted = call.context().revision();
        if (wanted.isEmpty()) {
          return _ -> {};
        }
        View view = view();
        String now = resource.read(call.id(), view).path("revision_number").asString("");
        if (!now.equals(wanted)) {
          throw NeutronException.of(
              "RevisionNumberConstraintFailed", "expected", wanted, "current", now);
        }
        UUID id = Ids.parse(call.id());
        ConfigObject seen = id == null ? null : view.object(id);
        return change -> {
          ConfigObject found = id == null ? null : change.object(id);
          if (seen != null && found != null && seen.revision() != found.revision()) {
            throw NeutronException.of(
                "RevisionNumberConstraintFailed",
                "expected",
                wanted,
                "current",
                String.valueOf(found.revision()));
          }
        };
      }

      Response delete() throws InterruptedException {
        if (resource instanceof Tags tags) {
          return Response.json(tagged(tags));
        }
        Consumer<Change> undisturbed = constrained();
        write(change -> {
          undisturbed.accept(change);
          resource.delete(call.id(), change);
          return true;
        });
        return Response.empty();
      }

      JsonNode act() throws InterruptedException {
        Outcome outcome =
            write(change -> new Outcome(resource.act(call.operation(), call.id(), sent(), change)));
        JsonNode answer = outcome.answer();
        return answer == null ? TenantPolicy.shown(resource, call.id(), view()) : answer;
      }
    }
  }

  private record Outcome(@Nullable JsonNode answer) {}

  private static Response refused(NeutronException e) {
    return Response.text(400, Json.text(e.body()));
  }

  /** A refusal of the config, by the exception that comes nearest. */
  private static NeutronException translated(String name, HttpError e) {
    return switch (e.status()) {
      case 403 -> NeutronException.of("NotAuthorized");
      case 409 -> NeutronException.of("Conflict", "resource", name, "msg", e.text());
      case 412 -> overQuota(name, e.text());
      default -> NeutronException.badRequest(name, e.text());
    };
  }

  private static NeutronException overQuota(String name, String text) {
    String marker = "exceeded for resource ";
    int at = text.indexOf(marker);
    return text.startsWith(QUOTA) && at > 0
        ? NeutronException.overQuota(Quotas.resource(text.substring(at + marker.length())), text)
        : NeutronException.overQuota(name, text);
  }
}
