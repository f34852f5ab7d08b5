"""Tables, figures and texts that a run, or a set of runs, gives to people."""
