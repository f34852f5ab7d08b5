"""The door: from words on the command line to typed arguments, and from errors to one line and an exit code.

``verb`` knows the verbs, ``application`` is the only module that touches Hydra's internals, ``spelling`` says
what a refused configuration meant, ``target`` which classes a configuration may name, ``building`` makes
typed arguments, ``answer`` prints failures.
"""
