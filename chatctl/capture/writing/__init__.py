"""Recordings being made: a tap's view of the sockets, as segments in a pcapng file."""
