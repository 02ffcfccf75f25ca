"""Bytes and packets: framing, codec and the packet types. Pure; the only speaker of JSON."""
