"""The feasibility report: from what the records hold to one page that people read who do not read code."""
