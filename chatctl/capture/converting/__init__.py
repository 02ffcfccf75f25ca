"""Captures made of captures: other forms, cuts and marks, and the check of what is there."""
