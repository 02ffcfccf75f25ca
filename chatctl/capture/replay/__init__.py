"""Recordings played back: what to send when, what to expect, and whether it came. Pure."""
