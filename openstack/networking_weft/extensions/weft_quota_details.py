"""Usage beside limits of quotas: Neutron's own extension is for its own quota drivers alone."""

from neutron.api import extensions
from neutron.extensions import quotasv2_detail

extensions.register_custom_supported_check(
    quotasv2_detail.ALIAS, lambda: True, plugin_agnostic=True
)


class Weft_quota_details(quotasv2_detail.Quotasv2_detail):
    """Named after this file, as Neutron wants it."""
