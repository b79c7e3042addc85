"""``make bench``: every benchmark in turn, each printing medians and ratios of the same run."""

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run each bench_*.py in a process of its own, so that one's memory is not another's."""
    failed = 0
    for script in sorted(Path(__file__).parent.glob("bench_*.py")):
        print(f"\n== {script.stem}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"bench.{script.stem}"], check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
