"""Tests of the whole suite: every route, action, template, module and plugin that exists."""
