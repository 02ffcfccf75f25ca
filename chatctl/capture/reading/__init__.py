"""Captures being read: whatever the file, whoever made it, records come out."""
