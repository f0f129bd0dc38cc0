"""From a flow's state to a screen: the presenters of all benches under one name.

Every sentence goes through `tr`, its facts by name; codes and times that stand alone go through `isolated` and `clock`.
"""

from desktop.presenters import adding_printers as _adding
from desktop.presenters import amending as _amending
from desktop.presenters import badges as _badges
from desktop.presenters import between as _between
from desktop.presenters import cases as _cases
from desktop.presenters import comfort as _comfort
from desktop.presenters import dispatch as _dispatch
from desktop.presenters import entering as _entering
from desktop.presenters import files as _files
from desktop.presenters import fitting as _fitting
from desktop.presenters import gear as _gear
from desktop.presenters import home as _home
from desktop.presenters import labels as _labels
from desktop.presenters import line as _line
from desktop.presenters import moving as _moving
from desktop.presenters import packing as _packing
from desktop.presenters import picking as _picking
from desktop.presenters import printers as _printers
from desktop.presenters import receiving as _receiving
from desktop.presenters import releasing as _releasing
from desktop.presenters import returns as _returns
from desktop.presenters import story as _story
from desktop.presenters import writing as _writing
from desktop.presenters.outcomes import frame_of, last_scan, refusal_screen
from desktop.presenters.words import present

BENCHES = (
    _adding, _amending, _badges, _between, _cases, _comfort, _entering, _home, _picking, _packing, _dispatch, _files, _fitting, _gear, _labels, _line, _moving, _printers, _receiving, _releasing, _returns, _story, _writing,
)  # fmt: skip
"""Importing a bench's presenters registers them."""

__all__ = ["BENCHES", "frame_of", "last_scan", "present", "refusal_screen"]
