"""The plan of publication (kế hoạch công bố): stages with targets, and who publishes what when."""
