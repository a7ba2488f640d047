"""The zip files that the Terraform module uploads."""

import os
import zipfile
from pathlib import Path

from deploy.packages import main
from tests.deploy.test_terraform import blocks, module


def built(folder: Path) -> Path:
    (folder / "Monitor").mkdir(parents=True)
    (folder / "Monitor" / "app.py").write_text("handler = print\n")
    (folder / "ReadinessLayer" / "python" / "readiness").mkdir(parents=True)
    (folder / "ReadinessLayer" / "python" / "readiness" / "entry.py").write_text("x = 1\n")
    (folder / "template.yaml").write_text("Resources: {}\n")
    return folder


def test_each_folder_is_a_zip_file_with_readable_files(tmp_path: Path) -> None:
    main(built(tmp_path / "build"), tmp_path / "packages")
    found = {path.name: zipfile.ZipFile(path).namelist() for path in (tmp_path / "packages").iterdir()}
    assert found == {"Monitor.zip": ["app.py"], "ReadinessLayer.zip": ["python/readiness/entry.py"]}
    (member,) = zipfile.ZipFile(tmp_path / "packages" / "Monitor.zip").infolist()
    assert member.external_attr >> 16 == 0o644


def test_the_same_files_make_the_same_zip_file(tmp_path: Path) -> None:
    main(built(tmp_path / "first"), tmp_path / "one")
    other = built(tmp_path / "second")
    os.utime(other / "Monitor" / "app.py", (0, 0))
    main(other, tmp_path / "two")
    assert (tmp_path / "one" / "Monitor.zip").read_bytes() == (tmp_path / "two" / "Monitor.zip").read_bytes()


def test_the_module_uploads_the_zip_files_of_the_folders_that_sam_builds() -> None:
    uploaded = {body["filename"][-1] for body in module().resources.values() if "filename" in body}
    assert uploaded == {"/Monitor.zip", "/Widget.zip", "/ReadinessLayer.zip"}
    assert "default" not in blocks("variable")["packages"]
