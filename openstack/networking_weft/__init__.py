"""OpenStack Neutron and Nova on Weft: translation only, semantics are in Weft's config API."""

VERSION = "0.1.0"
