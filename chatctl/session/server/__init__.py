"""The server's mind: peers, nicks, rooms and their readers, in one hub. Pure."""
