import os
import pathlib
import subprocess
import tempfile
import unittest

OPENSTACK = pathlib.Path(__file__).parents[1]


class PackageTest(unittest.TestCase):
    """The Debian package, installed below a directory of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        where = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        made = subprocess.run(
            [OPENSTACK / "package", where / "made"], check=True, capture_output=True, text=True
        )
        cls.file = pathlib.Path(made.stdout.strip())
        cls.root = where / "root"
        (cls.root / "var/lib/dpkg/info").mkdir(parents=True)
        (cls.root / "var/lib/dpkg/updates").mkdir()
        (cls.root / "var/lib/dpkg/status").touch()
        # What it depends on is outside of that directory.
        cls.dpkg("--force-depends", "--force-script-chrootless", "--install", str(cls.file))
        cls.modules = cls.root / "usr/lib/python3/dist-packages"

    @classmethod
    def dpkg(cls, *arguments: str) -> str:
        command = ["dpkg", f"--root={cls.root}", "--log=/dev/null", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def python(self, program: str) -> str:
        done = subprocess.run(
            ["/usr/bin/python3", "-c", program],
            cwd=self.root,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(self.modules)},
            capture_output=True,
            text=True,
        )
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout.strip()

    def test_what_is_installed_is_what_is_imported(self) -> None:
        shown = self.python("from networking_weft import plugin, quota; print(plugin.__file__)")
        self.assertEqual(str(self.modules / "networking_weft/plugin.py"), shown)

    def test_neutron_and_nova_find_it_by_name(self) -> None:
        program = """
from importlib.metadata import entry_points
for group, name in (("neutron.core_plugins", "weft"), ("os_vif", "vrouter")):
    [point] = entry_points(group=group, name=name)
    print(point.load().__name__)
"""
        self.assertEqual("WeftPlugin\nWeftVifPlugin", self.python(program))

    def test_all_that_is_imported_is_depended_on(self) -> None:
        depends = subprocess.run(
            ["dpkg-deb", "--field", str(self.file), "Depends", "Recommends"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        packages = {
            "keystoneauth1": "python3-keystoneauth1",
            "neutron": "python3-neutron",
            "neutron_lib": "python3-neutron-lib",
            "os_vif": "python3-os-vif",
            "oslo_config": "python3-oslo.config",
            "requests": "python3-requests",
        }
        for module, package in packages.items():
            with self.subTest(module):
                self.assertIn(package, depends)

    def test_the_configuration_is_one_of_neutrons(self) -> None:
        text = (self.root / "etc/neutron/plugins/weft/weft.ini").read_text()
        self.assertIn("[weft]\napi_servers = ", text)


if __name__ == "__main__":
    unittest.main()
