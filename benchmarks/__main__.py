"""``make bench``: measure everything, or the subjects that are named. ``STORED=1000000`` stores so many of them."""

import sys

from benchmarks import core, http, language, stored

SUBJECTS = {"language": language.main, "core": core.main, "http": http.main, "stored": stored.main}


def main() -> int:
    wanted = sys.argv[1:] or list(SUBJECTS)
    for name in wanted:
        if name not in SUBJECTS:
            print(f"there is no subject {name!r}; there are {', '.join(SUBJECTS)}", file=sys.stderr)
            return 2
    for name in wanted:
        print(f"\n== {name}")
        SUBJECTS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
