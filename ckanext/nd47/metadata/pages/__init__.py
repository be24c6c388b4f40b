"""Pages and forms of datasets: layout, template helpers, links, activity stream and views."""
