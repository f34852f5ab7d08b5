"""One recipe per verb: what happens, in the order in which it happens."""
