"""Neutron's code wants a configuration that has been read; an empty one does."""

import logging

from oslo_config import cfg

logging.disable(logging.WARNING)
cfg.CONF([], project="neutron", default_config_files=[], default_config_dirs=[])
