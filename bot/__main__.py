"""``python -m bot`` is ``tanyakaki``."""

import sys

from bot.cli import main

sys.exit(main())
