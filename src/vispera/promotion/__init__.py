"""Promotion: what a run must show before an alias may name it, each gate with its evidence."""
