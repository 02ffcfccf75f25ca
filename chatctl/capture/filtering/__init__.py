"""The filter language: its words, its fields, and what they match."""
