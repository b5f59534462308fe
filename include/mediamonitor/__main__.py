"""`python -m mediamonitor`."""

import sys

from mediamonitor.cli import main
from mediamonitor.processes import leave_pandas_out

leave_pandas_out()
sys.exit(main())
