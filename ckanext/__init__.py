"""The namespace that CKAN's extensions share; not part of the wheel.

Another extension brings the same file. Where ours were missing, type checkers would take theirs
for the whole namespace and find no `ckanext.nd47`.
"""

import pkgutil

__path__ = pkgutil.extend_path(__path__, __name__)
