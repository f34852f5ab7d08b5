"""A run made again from its record, held against what it left, and why the two differ."""
