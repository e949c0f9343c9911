"""Tells which of Neutron's extensions tests are about: what their class says that it requires.

extensions_of.py FILE: has a test's name a line; prints each with its extensions behind a tab.
"""

import importlib
import pathlib
import sys


def extensions(name: str) -> str:
    """Those of the class of a test; what every Neutron has for a class that names none."""
    module, owner, _ = name.rsplit(".", 2)
    required = getattr(getattr(importlib.import_module(module), owner), "required_extensions", [])
    return ", ".join(sorted(set(required))) or "networks, subnets, ports"


def main(file: str) -> None:
    for name in pathlib.Path(file).read_text().split():
        print(f"{name}\t{extensions(name)}")


if __name__ == "__main__":
    main(sys.argv[1])
