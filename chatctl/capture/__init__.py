"""What crossed a socket, kept: records, the files that hold them, and plans to play them back."""
