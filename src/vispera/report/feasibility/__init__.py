"""The feasibility report: from what the records hold to one page that people read who do not read code.

In a notebook: ``open_report(path, language)`` gives a report whose ``front()`` and ``section(name)`` show
themselves.
"""

from vispera.report.feasibility.opening import Report, open_report

__all__ = ["Report", "open_report"]
