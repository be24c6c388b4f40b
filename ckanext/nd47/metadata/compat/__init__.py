"""Changes to other extensions at run time, one module for each extension."""
