"""The fronts of ``connect`` and ``replay``: full screen, lines, JSON. Takes events, not sockets."""
