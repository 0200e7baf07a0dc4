"""The ladder: an app uses those below it and never those above; the toolkit is met in two folders only."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_contract_of_the_house_is_kept() -> None:
    lint = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    checked = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert "0 broken" in checked.stdout
