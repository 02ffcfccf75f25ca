"""Sockets. Carries bytes between peers and the sans-IO core, and decides nothing."""
