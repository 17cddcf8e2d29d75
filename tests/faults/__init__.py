"""What happens when things die. Sizes by ``FAULTS``: ``small`` (default) or ``large``. See the figures with ``-s``."""
