"""`make i18n`: maintenance of the translation catalogues."""

from dev.i18n.commands import i18n

i18n(prog_name="make i18n ARGS=")
