"""Which agencies' figures an account sees."""

from __future__ import annotations

from dataclasses import dataclass, replace

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.desk import scope
from ckanext.nd47.lib import config


@dataclass(frozen=True)
class Reach:
    """What somebody sees of the reports.

    Attributes:
        everything: whether they see all agencies.
        agencies: ids of the agencies that they see, unless they see all.
        texts: whether they see what agencies say about their month.
        administers: ids of the agencies for which they say that.
        decides: whether they see and record what concerns the whole portal.
    """

    everything: bool = False
    agencies: frozenset[str] = frozenset()
    texts: bool = False
    administers: frozenset[str] = frozenset()
    decides: bool = False

    @property
    def limit(self) -> frozenset[str] | None:
        """The agencies whose figures count; None for all."""
        return None if self.everything else self.agencies

    @property
    def is_empty(self) -> bool:
        """Whether they see nothing."""
        return not (self.everything or self.agencies)

    def sees(self, agency_id: str) -> bool:
        """Return whether they see the figures of an agency."""
        return self.everything or agency_id in self.agencies

    def writes(self, agency_id: str) -> bool:
        """Return whether they say what the agency says about its month."""
        return self.decides or agency_id in self.administers


NOTHING = Reach()
PUBLIC = Reach(everything=True)
ALL = Reach(everything=True, texts=True, decides=True)


def of(context: Context) -> Reach:
    """Return what the account of a context sees, in four statements at most.

    System administrators and accounts of the compiling agency see everything, leaders their agency
    and those below, administrators of an agency that agency. Others see what the public sees.
    """
    seen = scope.of(context)
    if seen.everything:
        return ALL
    if seen.user_id and _compiles(seen.user_id):
        return Reach(everything=True, texts=True, administers=seen.administers, decides=True)
    agencies = seen.administers | seen.leads
    if agencies:
        return Reach(agencies=agencies, texts=True, administers=seen.administers)
    return PUBLIC if config.public_reports() else NOTHING


def of_scores(context: Context) -> Reach:
    """Return whose scores the account of a context sees: also those of the work that it sees.

    Who edits the datasets of an agency is to know what they lack.
    """
    reach = of(context)
    if reach.everything:
        return reach
    return replace(reach, agencies=reach.agencies | scope.of(context).agencies)


def require_agency(reach: Reach, reference: str) -> str:
    """Return the id of an agency that somebody sees.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such agency.
        ckan.plugins.toolkit.NotAuthorized: they do not see it.
    """
    agency = directory.get(reference)
    if agency is None:
        raise tk.ObjectNotFound(tk._("There is no such agency."))
    if not reach.sees(agency.id):
        raise tk.NotAuthorized(tk._("You do not see the reports of this agency."))
    return agency.id


def _compiles(user_id: str) -> bool:
    held = account_roles.agencies_of(user_id, account_roles.COMPILING)
    return model.Session.scalar(held.limit(1)) is not None
