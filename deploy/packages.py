"""Make a zip file of each folder that `sam build` has made: `packages.py BUILD PACKAGES`.

The same files make the same zip file, so that Terraform uploads only what has changed.
"""

import sys
import zipfile
from pathlib import Path

MODE = 0o644 << 16
LEVEL = 9


def main(build: Path, packages: Path) -> None:
    """Write the zip files of the folders in `build` into `packages`."""
    packages.mkdir(parents=True, exist_ok=True)
    for folder in sorted(path for path in build.iterdir() if path.is_dir()):
        with zipfile.ZipFile(packages / f"{folder.name}.zip", "w", compresslevel=LEVEL) as package:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                member = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                member.external_attr = MODE
                package.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
