"""Leaks that can be planted in a simulated table, by name."""

LEAKS: dict[str, str] = {}
