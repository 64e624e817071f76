"""Vietnamese text in, an Understanding out."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads: more threads only wait for one another here
