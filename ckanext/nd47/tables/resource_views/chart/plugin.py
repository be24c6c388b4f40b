"""The plugin `nd47_chart_view`: a chart of a table."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.nd47.lib import plugins
from ckanext.nd47.tables.resource_views import columns
from ckanext.nd47.tables.resource_views.access import Shown
from ckanext.nd47.tables.resource_views.chart import charts, stored, views, words
from ckanext.nd47.tables.resource_views.chart import choice as choices
from ckanext.nd47.tables.resource_views.tables import TooLongError

NAME = "nd47_chart_view"


@tk.blanket.blueprints(plugins.member_list(views))
class ChartView(p.SingletonPlugin):
    """A chart of a table in the DataStore."""

    p.implements(p.IResourceView, inherit=True)

    # IResourceView

    def info(self) -> dict[str, Any]:
        """Describe the view."""
        return {
            "name": NAME,
            "title": tk._("Chart"),
            "default_title": tk._("Chart"),
            "icon": "chart-line",
            "iframed": False,
            "requires_datastore": True,
            "preview_enabled": False,
            "schema": stored.schema(),
        }

    def can_view(self, data_dict: DataDict) -> bool:
        """Return whether the file has a table."""
        return bool(data_dict["resource"].get("datastore_active"))

    def setup_template_variables(self, context: Context, data_dict: DataDict) -> dict[str, Any]:
        """Return the chart that the address asks for, else the one that is stored."""
        shown = Shown(data_dict["package"], data_dict["resource"])
        args = tk.request.args
        asked = stored.asked(data_dict.get("resource_view"))
        if any(name in args for name in choices.PARAMETERS):
            asked |= {name: args[name] for name in choices.PARAMETERS if name in args}
        try:
            chart, problem = charts.of_table(shown, asked), ""
        except TooLongError:
            chart = None
            problem = tk._("The table is too large for this chart. Choose other columns.")
        return {
            "chart": chart,
            "problem": problem,
            "kinds": words.kinds(),
            "measures": words.measures(),
            "axes": choices.axes(chart.columns) if chart else [],
            "quantities": choices.quantities(chart.columns) if chart else [],
            "stored_fields": stored.form(columns.of_table(shown.resource)),
        }

    def view_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of the view."""
        return "nd47_tables/views/chart.html"

    def form_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of its form, with the chart that is shown first."""
        return "nd47_tables/views/chart_form.html"
