"""Tests of counting, scores, reports and the national hand-over."""
