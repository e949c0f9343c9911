import pathlib
import re
import unittest

from neutron_lib import exceptions as neutron_errors
from neutron_lib.api import faults

from networking_weft import errors

MODULE = pathlib.Path(__file__).parents[2] / "neutron/src/main/java/weft/neutron"

# Names that stand for resources which only Weft has, or whose class Neutron keeps elsewhere.
OWN = {
    "FirewallGroupNotFound",
    "FirewallPolicyNotFound",
    "FirewallRuleNotFound",
    "RevisionNumberConstraintFailed",
    "ServiceInstanceNotFound",
    "VirtualRouterNotFound",
}

CALL = re.compile(r'NeutronException\s*\.of\(\s*((?:[^()]|\([^()]*(?:\([^()]*\))?[^()]*\))*)\)')
NAME = re.compile(r'"([A-Z][A-Za-z]+)"')
CONSTANT = re.compile(r'static final String ([A-Z_]+) =\s*"([^"]*)"')
ARGUMENT = re.compile(r'"([a-z_0-9]+)"')


class ErrorsTest(unittest.TestCase):
    def test_class_status_and_text(self) -> None:
        cases = [
            ({"exception": "NetworkNotFound", "net_id": "n"}, 404, "Network n could not be found."),
            (
                {"exception": "OverQuota", "overs": ["port"], "reason": "quota limit (1)"},
                409,
                "Quota exceeded for resources: ['port'].",
            ),
            (
                {"exception": "InvalidInput", "error_message": "no"},
                400,
                "Invalid input for operation: no.",
            ),
            (
                {"exception": "SecurityGroupInUse", "id": "g"},
                409,
                "Security Group g in use.",
            ),
            (
                {"exception": "RouterInUse", "router_id": "r", "reason": "still has ports"},
                409,
                "Router r still has ports",
            ),
            ({"exception": "NotAuthorized"}, 403, "Not authorized."),
        ]
        for body, status, text in cases:
            with self.subTest(body["exception"]):
                raised = errors.refusal(body)
                self.assertEqual(body["exception"], type(raised).__name__)
                self.assertEqual(text, str(raised).strip())
                self.assertEqual(status, _status(raised))

    def test_an_unknown_name_is_400_and_nothing_of_it_is_lost(self) -> None:
        raised = errors.refusal({"exception": "Strange", "why": "because"})
        self.assertEqual(400, _status(raised))
        self.assertIn("Strange", str(raised))
        self.assertIn("because", str(raised))

    def test_unavailable_is_503(self) -> None:
        self.assertEqual(503, _status(errors.ControllersUnavailable(reason="x")))

    def test_whatever_weft_refuses_neutron_has_with_these_arguments(self) -> None:
        """Read from the sources of Weft: every name is a class, and its text gets all it names."""
        seen = set()
        for file in sorted(MODULE.glob("*.java")):
            source = file.read_text()
            constants = dict(CONSTANT.findall(source))
            for call in CALL.findall(source):
                for constant, value in constants.items():
                    call = re.sub(rf"\b{constant}\b", f'"{value}"', call)
                for name in NAME.findall(call.split(",")[0]):
                    if name in OWN:
                        continue
                    seen.add(name)
                    with self.subTest(file=file.name, exception=name):
                        self.assertIn(name, errors.classes())
                        arguments = dict.fromkeys(ARGUMENT.findall(call), "x")
                        raised = errors.refusal({"exception": name, **arguments})
                        self.assertNotIn("%(", str(raised))
        self.assertGreater(len(seen), 30)


def _status(raised: neutron_errors.NeutronException) -> int:
    for kind, answer in faults.FAULT_MAP.items():
        if isinstance(raised, kind):
            return int(answer.code)
    return 500


if __name__ == "__main__":
    unittest.main()
