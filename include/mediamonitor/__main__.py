"""`python -m mediamonitor`."""

import sys

from mediamonitor.cli import main

sys.exit(main())
