"""From a scanner's bytes to single scans, one module for each way in which scanners speak (devices.md 1).

All of it is pure: a framer is fed bytes and the time they came, and returns what became complete. The one thing a
newcomer would get wrong: a scan ends with its terminator, at once. Waiting for silence merges two quick scans.
"""
