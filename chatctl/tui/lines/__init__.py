"""The line mode and the JSON mode: on a terminal, and in a pipe."""
