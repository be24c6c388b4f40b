from tests.dcat.portal import app, department, portal, small_pages

__all__ = ["app", "department", "portal", "small_pages"]
