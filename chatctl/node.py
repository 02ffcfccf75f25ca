"""The composition root of a server process."""
