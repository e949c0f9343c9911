"""Neutron loads the API extensions in this directory."""
