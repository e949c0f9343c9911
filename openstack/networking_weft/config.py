"""The section [weft] of Neutron's configuration."""

from typing import Optional

from keystoneauth1 import loading
from keystoneauth1 import plugin as auth_plugin
from keystoneauth1 import session as auth_session
from oslo_config import cfg

GROUP = "weft"

# In seconds, unless the option timeout of keystoneauth's is set.
ANSWER_TIMEOUT = 60.0

OPTIONS = [
    cfg.ListOpt(
        "api_servers",
        default=["http://127.0.0.1:8082"],
        help="Config APIs of Weft's controllers: URLs by commas, tried in turn.",
    ),
    cfg.FloatOpt(
        "connect_timeout",
        default=3.0,
        min=0.1,
        help="Seconds to wait for a connection before the next controller is tried.",
    ),
    cfg.IntOpt(
        "pool_size", default=64, min=1, help="Connections kept to each controller."
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Makes [weft] known: controllers, how to log in to Keystone, TLS."""
    conf.register_opts(OPTIONS, GROUP)
    loading.register_auth_conf_options(conf, GROUP)
    loading.register_session_conf_options(conf, GROUP)


def authentication(
    conf: cfg.ConfigOpts,
) -> tuple[Optional[auth_plugin.BaseAuthPlugin], auth_session.Session]:
    """As whom Neutron calls, None for nobody; and the way to Keystone."""
    auth = loading.load_auth_from_conf_options(conf, GROUP) if conf.weft.auth_type else None
    session = loading.load_session_from_conf_options(conf, GROUP, auth=auth)
    return auth, session


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """For oslo-config-generator."""
    return [(GROUP, OPTIONS)]
