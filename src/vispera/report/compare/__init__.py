"""Runs held against each other, on one page that opens with no network.

candidates (what was asked for) -> compare() -> Comparison -> write_page()   one HTML file
                                                           -> as_plain()     the same as data
                                                           -> closing()      a few lines for the terminal
"""

from vispera.report.compare.candidate import Candidate, read_candidate
from vispera.report.compare.closing import closing
from vispera.report.compare.comparison import Comparison, as_plain, compare
from vispera.report.compare.page import write_page

__all__ = ["Candidate", "Comparison", "as_plain", "closing", "compare", "read_candidate", "write_page"]
