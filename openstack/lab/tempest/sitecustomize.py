"""Takes the pause out of Debian's Tempest that it makes before it deletes a subnet.

Python reads this file at its start when this directory is on its path: so the workers do too.
"""

import importlib.abc
import importlib.machinery
import sys
import types
from typing import Any, Optional

_MODULE = "tempest.lib.services.network.subnets_client"


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if fullname != _MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def without_pause(module: types.ModuleType) -> None:
            execute(module)
            setattr(module, "time", types.SimpleNamespace(sleep=lambda seconds: None))

        setattr(spec.loader, "exec_module", without_pause)
        return spec


sys.meta_path.insert(0, _Finder())
