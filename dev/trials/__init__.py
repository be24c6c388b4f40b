"""Whole portals put to the test: harvests, a storm, failing nodes, upgrades, other CKANs."""
