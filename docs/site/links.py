"""Build the site from pages that are written for GitHub: a hook of MkDocs.

Of the files outside docs, some are pages of the site too. Links to all others show the path: the address of the
repository is not known.
"""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

ROOT = Path(__file__).parents[2]

OUTSIDE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "vulnerabilities.md",
    "functions/monitor/checklist.toml": "settings.md",
}
"""Pages of the site by their path in the repository."""

SETTINGS = """\
# All settings

The checklist that is deployed, `{path}`, with a comment on each setting.

```toml
{text}```
"""

FENCE = re.compile(r"(^```.*?^```)", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^):#\s]+)(#[^)\s]*)?\)")
REQUEST = re.compile(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>")


def on_config(config: Any) -> Any:
    """Replace each folder of the navigation by its pages: the rules in the order of their index, others by name."""
    config.nav = _listed(config.nav)
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages outside docs."""
    for path, page in OUTSIDE.items():
        if path.endswith(".md"):
            files.append(File.generated(config, page, abs_src_path=str(ROOT / path)))
        else:
            text = (ROOT / path).read_text(encoding="utf-8")
            files.append(File.generated(config, page, content=SETTINGS.format(path=path, text=text)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Correct the links to files outside docs, and those of files outside docs. The home page has no sidebars."""
    if page.is_homepage:
        page.meta["hide"] = ["navigation", "toc"]  # a list of one page
    if page.file.abs_src_path is None:
        page.meta["hide"] = ["toc"]  # one long file
        return markdown
    source = Path(page.file.abs_src_path).relative_to(ROOT).as_posix()
    parts = FENCE.split(markdown)
    return "".join(part if part.startswith("```") else _relinked(part, source, page.file.src_uri) for part in parts)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Fail if a browser requests something from another host to show the page."""
    if request := REQUEST.search(output):
        message = f"{page.file.src_uri} makes a request to another host: {request[0]}"
        raise PluginError(message)
    return output


def _listed(entries: list[Any]) -> list[Any]:
    listed: list[Any] = []
    for entry in entries:
        if isinstance(entry, dict):
            listed.append({name: _listed(below) if isinstance(below, list) else below for name, below in entry.items()})
        elif entry.endswith("/"):
            listed += [page for page in _pages(entry) if page not in entries]
        else:
            listed.append(entry)
    return listed


def _pages(folder: str) -> list[str]:
    found = {f"{folder}{path.name}" for path in (ROOT / "docs" / folder).glob("*.md")}
    index = ROOT / "docs" / f"{folder.rstrip('/')}.md"
    order = re.findall(r"\(([^)#]+)\)", index.read_text(encoding="utf-8")) if index.exists() else []
    return sorted(found, key=lambda page: (order.index(page) if page in order else len(order), page))


def _relinked(text: str, source: str, page: str) -> str:
    def link(found: re.Match[str]) -> str:
        label, path, anchor = found[1], found[2], found[3] or ""
        target = normpath((PurePosixPath(source).parent / path).as_posix())
        if target in OUTSIDE:
            shown = OUTSIDE[target]
        elif target.startswith("docs/"):
            shown = target.removeprefix("docs/")
        elif (ROOT / target).exists():
            return label if label.strip("`") == target else f"{label} (`{target}`)"
        else:
            return found[0]
        return f"[{label}]({relpath(shown, PurePosixPath(page).parent)}{anchor})"

    return LINK.sub(link, text)
