"""A guest taken out of every list and prediction that the workspace holds, and the proof of it.

tables, extracts -> guest: by what names lists and predictions know them
                 -> place: every folder that may hold a row of theirs; looked at, rewritten, looked at again
                 -> proof: how many rows were found, and that none is left
"""
