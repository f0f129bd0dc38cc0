"""Who works here, what they may do, and how they prove who they are.

The one thing a newcomer gets wrong: names and secrets are private rows; a command holds a person's id only.
"""
