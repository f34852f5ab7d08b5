"""Tonight's list: an extract of the open bookings and a pulled model in, the bytes of a list out.

extract -> intake: usable rows, batch by batch -> evening: every booking scored, every unit's value
                                               -> desk: the units that are listed, with their reasons
"""
