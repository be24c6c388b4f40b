"""Actions about the options of the suite."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.nd47.settings import options

__all__ = ["nd47_settings_reset"]


def nd47_settings_reset(context: Context, data_dict: DataDict) -> list[str]:
    """Reset the options of the suite that were changed at run time.

    :returns: the options that follow the configuration file again
    :rtype: list of strings
    """
    tk.check_access("config_option_update", context, data_dict)
    return options.reset()
