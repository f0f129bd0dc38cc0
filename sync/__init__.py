"""Everything that speaks to another computer: stations and their hub. Operations go up, the feed of a site comes down.

What a newcomer would get wrong: a station never waits for the hub. It works on its own file within the rights it holds;
what is here only carries finished operations to the hub, and what the hub made of everybody's back.
"""
