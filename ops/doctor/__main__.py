"""`python -m ops.doctor`."""

import sys

from ops.doctor import main

sys.exit(main(sys.argv[1:]))
