"""The room log: its port, and the adapters that keep it in memory or in SQLite."""
