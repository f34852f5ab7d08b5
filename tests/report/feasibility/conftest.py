"""Workspaces with recorded runs and a report of them."""

from reported import own_report, own_runs, recorded, reported

__all__ = ["own_report", "own_runs", "recorded", "reported"]
