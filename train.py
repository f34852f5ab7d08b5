"""``python train.py ...`` is ``vispera train ...``."""

import sys

from vispera.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
