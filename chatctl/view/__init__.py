"""Packets into text for people. Everything a peer sent passes ``view.escape`` on its way."""
