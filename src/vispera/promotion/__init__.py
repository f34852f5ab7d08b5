"""Promotion: what a run must show before an alias may name it.

    record, folder -> candidate: finished, loads        the package that would be promoted
                   -> own: audit, calibration, slices, age
    table          -> rival: beats prior and rule, not worse than the version that is there
                      (made again: `vispera.commands.judging`, as that runs a whole training)

Every gate gives a verdict with its evidence; `vispera.promotion.gate` sums them up.
"""
