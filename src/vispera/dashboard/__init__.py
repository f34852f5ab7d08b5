"""A W&B workspace that compares the runs of a problem as ``vispera compare`` does.

``seen`` tells what W&B has of them, ``panel`` draws it, ``view`` saves it under one name. W&B's library of
panels is an extra, and is imported only within the block of a session: see `vispera.wandb_session`.
"""
