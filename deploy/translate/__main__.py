"""Write deploy/terraform anew; with `--check`, say which of its files are stale and exit 1."""

import sys
from pathlib import Path

from deploy.translate.kinds import Untranslatable
from deploy.translate.module import files
from deploy.translate.transformed import TEMPLATE, transformed

MODULE = TEMPLATE.parent / "deploy" / "terraform"


def main(*, check: bool) -> int:
    """Return the exit code."""
    try:
        texts = files(transformed(TEMPLATE))
    except Untranslatable as error:
        sys.stderr.write(f"{TEMPLATE.name}: {error}\n")
        return 1
    stale = [name for name, text in texts.items() if not _is(MODULE / name, text)]
    for name in stale:
        if check:
            sys.stderr.write(f"deploy/terraform/{name} is stale: run `make terraform`\n")
        else:
            (MODULE / name).write_text(texts[name], encoding="utf-8")
    return int(check and bool(stale))


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
