"""What a menu leads to, as tests ask it."""

from core.station.menu import Menu


def inside(menu: Menu) -> set[str]:
    """Return every flow that a menu leads to, at once or below a key."""
    below = dict(menu.below)
    return {flow for job in menu.jobs for flow in below.get(job, (job,))}
