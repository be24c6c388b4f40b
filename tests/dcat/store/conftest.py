from tests.dcat.portal import app, department, portal

__all__ = ["app", "department", "portal"]
