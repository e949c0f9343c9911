package weft.lab.openstack;

import java.util.List;
import java.util.Map;

/** Services of OpenStack that are WSGI applications. */
final class Uwsgi {
  private Uwsgi() {}

  static void start(Site site, String name, String script, Map<String, String> environment) {
    launch(site, name, script, environment).await(site.port(name));
  }

  /** Starts one, which may not answer yet. */
  static Daemon launch(Site site, String name, String script, Map<String, String> environment) {
    String config =
        site.write(
                name + "/uwsgi.ini",
                """
                [uwsgi]
                plugins = python3
                http-socket = 127.0.0.1:%d
                wsgi-file = %s
                master = true
                processes = 2
                threads = 2
                enable-threads = true
                buffer-size = 65535
                lazy-apps = true
                rem-header = Content-Length
                add-header = Connection: close
                die-on-term = true
                disable-logging = true
                """
                    .formatted(site.port(name), script))
            .toString();
    return new Daemon(site, name).start(environment, List.of("uwsgi_python3", "--ini", config));
  }
}
