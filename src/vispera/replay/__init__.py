"""Past nights again: what a list would have caught, night by night, in counts and in money.

A night knows what was known at its close and nothing else; its model learned from what had arrived
before it.
"""
