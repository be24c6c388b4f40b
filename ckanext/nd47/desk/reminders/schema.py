"""Parameters of the actions of the reminders."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.desk.reminders import choices, links
from ckanext.nd47.desk.reminders.choices import Choice
from ckanext.nd47.desk.work_list.kinds import known
from ckanext.nd47.lib import inputs


def choice(data_dict: DataDict, before: Choice) -> Choice:
    """Return the checked choice of an account; what is not given stays as it was.

    Raises:
        ckan.plugins.toolkit.ValidationError: there is no such kind or language.
    """
    checked = inputs.of_kinds(data_dict, language="text", kinds_off="list", all_off="flag")
    kinds_off = sorted(set(checked.get("kinds_off", before["kinds_off"])))
    kinds = known()
    unknown = [kind for kind in kinds_off if kind not in kinds and kind not in before["kinds_off"]]
    if unknown:
        raise tk.ValidationError({"kinds_off": [inputs.none_of(unknown[0], kinds)]})
    language = checked.get("language", before["language"])
    languages = choices.languages()
    if language and language not in languages:
        raise tk.ValidationError({"language": [inputs.none_of(language, languages)]})
    all_off = checked.get("all_off", before["all_off"])
    return {"language": language, "kinds_off": kinds_off, "all_off": all_off}


def link(data_dict: DataDict) -> links.Link:
    """Return what the link of a message is about.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: this portal did not sign it.
    """
    token = inputs.of_kinds(data_dict, token="text").get("token", "")  # noqa: S106 - a kind
    target = links.read(token)
    if target is None or (target.kind and target.kind not in known()):
        raise tk.ObjectNotFound(tk._("This link is not valid. Log in to choose your reminders."))
    return target
