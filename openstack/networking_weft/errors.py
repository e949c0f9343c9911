"""Weft's refusals as Neutron's exceptions: the same class, status and text."""

import functools
import importlib
import pkgutil
from typing import Any

from neutron.services.revisions import revision_plugin
from neutron_lib import exceptions as neutron_errors

# Where Neutron's exceptions are; what comes first is meant if a name is there twice.
_PACKAGES = (
    "neutron_lib.exceptions",
    "neutron.extensions",
    "neutron.services.trunk.exceptions",
    "neutron.services.auto_allocate.exceptions",
)


class ControllersUnavailable(neutron_errors.ServiceUnavailable):
    """None of the controllers answers: 503."""

    message = "Weft is not available: %(reason)s."


class UnknownRefusal(neutron_errors.BadRequest):
    """A refusal by a name that Neutron does not have: 400, and nothing is lost."""

    message = "%(name)s: %(text)s"


class UnexpectedAnswer(neutron_errors.NeutronException):
    """An answer that is none: 500."""

    message = "Weft answered %(status)s: %(text)s"


@functools.lru_cache(maxsize=None)
def classes() -> dict[str, type[neutron_errors.NeutronException]]:
    """All of Neutron's exceptions by name."""
    found: dict[str, type[neutron_errors.NeutronException]] = {}
    for package in _PACKAGES:
        root = importlib.import_module(package)
        modules = [root]
        for info in pkgutil.iter_modules(getattr(root, "__path__", [])):
            modules.append(importlib.import_module(f"{package}.{info.name}"))
        for module in modules:
            for name, value in vars(module).items():
                if isinstance(value, type) and issubclass(
                    value, neutron_errors.NeutronException
                ):
                    found.setdefault(name, value)
    return found


def refusal(body: dict[str, Any]) -> Exception:
    """The exception that Weft names in `body`, with the arguments that are there."""
    arguments = dict(body)
    name = str(arguments.pop("exception", ""))
    if name == "RevisionNumberConstraintFailed":
        return revision_plugin.RevisionNumberConstraintFailed(**arguments)
    wanted = classes().get(name)
    if wanted is None:
        text = ", ".join(f"{key}: {value}" for key, value in sorted(arguments.items()))
        return UnknownRefusal(name=name or "BadRequest", text=text)
    if name == "OverQuota":
        arguments["overs"] = list(arguments.get("overs", []))
    return wanted(**arguments)
