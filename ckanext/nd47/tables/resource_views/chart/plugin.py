"""The plugin `nd47_chart_view`: a chart of a table."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.nd47.lib import plugins
from ckanext.nd47.tables.resource_views.access import Shown
from ckanext.nd47.tables.resource_views.chart import charts, views, words
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
        }

    def can_view(self, data_dict: DataDict) -> bool:
        """Return whether the file has a table."""
        return bool(data_dict["resource"].get("datastore_active"))

    def setup_template_variables(self, context: Context, data_dict: DataDict) -> dict[str, Any]:
        """Return the chart that the address asks for."""
        shown = Shown(data_dict["package"], data_dict["resource"])
        asked = {
            name: tk.request.args[name] for name in choices.PARAMETERS if name in tk.request.args
        }
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
        }

    def view_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of the view."""
        return "nd47_tables/views/chart.html"

    def form_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of its form: a title and a description are all that it needs."""
        return "nd47_tables/views/form.html"
