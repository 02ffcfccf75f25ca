"""TCP put together again: segments into streams, in bounded memory, holes visible."""
