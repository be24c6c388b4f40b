"""Entry of `python3 -m dev COMMAND`; the Makefile has one word for each command."""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - this line is here for the old Python it refuses
    sys.exit("Python 3.10 or newer is needed: call make with PYTHON=python3.11, for example.")

from dev.commands import main

sys.exit(main(sys.argv[1:]))
