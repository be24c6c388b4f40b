"""The items of a catalogue, and what departments propose to change."""
