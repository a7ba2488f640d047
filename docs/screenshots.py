"""Draw the widget and the HTML report in a real browser, measure them, and write pictures: `make screenshots`.

It takes Chromium (`apt-get install chromium`, or CHROMIUM=/path/to/it), which the tests do without. From the widget,
what CloudWatch strips is stripped first:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_security.html
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from readiness.report import as_html
from readiness.report.content import Report
from readiness.widget.standing import StoredChecklist, Unseen
from readiness.widget.view import page
from tests.report.pages import HISTORY, WHOLE
from tests.widget.samples import BAD, FRAME, GOOD, NOT_YET

FOLDER = Path(__file__).parent

WIDTHS = (300, 620, 1260)
"""Pixels of a widget 6, 12 and 24 columns wide, on a common screen."""

SCHEMES = ("dark", "light")
"""Chromium's numbers of the themes that the reader prefers."""

SURFACES = {"light": "#ffffff", "dark": "#161d26"}

HARNESS = """\
<!doctype html><meta charset="utf-8"><title>widget</title>
<style>body{margin:0;background:%(surface)s}.frame{width:%(width)dpx;padding:10px;box-sizing:border-box}</style>
<div class="frame"></div>
<script>
const drawn = new DOMParser().parseFromString(%(html)s, "text/html");
drawn.querySelectorAll("script, iframe, use").forEach(each => each.remove());
for (const each of drawn.querySelectorAll("*"))
  for (const {name, value} of [...each.attributes])
    if (name.startsWith("on") || value.trim().startsWith("javascript:")) each.removeAttribute(name);
const frame = document.querySelector(".frame");
frame.append(...drawn.head.childNodes, ...drawn.body.childNodes);
frame.querySelectorAll("%(open)s").forEach(each => each.open = true);
const measure = () => {
const edge = frame.getBoundingClientRect().right - 10 + 0.5;
const over = [...frame.querySelectorAll(".rdns *")].filter(each => each.getBoundingClientRect().right > edge);
const stale = [...frame.querySelectorAll(".rdns-stale")].map(each => getComputedStyle(each).visibility);
document.body.dataset.measured = JSON.stringify({
  height: Math.ceil(frame.getBoundingClientRect().height), stale, over: over.map(each => each.className || each.tagName)
});
};
setTimeout(measure, %(wait)d);
</script>
"""

REPORT_HARNESS = """\
<!doctype html><meta charset="utf-8"><title>report</title><meta name="color-scheme" content="light dark">
<style>body{margin:0}iframe{display:block;border:0;width:%(width)dpx;height:%(height)dpx}</style>
<iframe srcdoc="%(html)s"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const page = frame.contentDocument;
  page.querySelectorAll("details").forEach(each => each.open = %(open)s);
  const right = each => each.getBoundingClientRect().right;
  const over = [...page.querySelectorAll("body *")].filter(each => right(each) > %(width)d + 0.5);
  document.body.dataset.measured = JSON.stringify({
    height: page.documentElement.scrollHeight,
    over: over.map(each => each.className || each.tagName),
    loaded: frame.contentWindow.performance.getEntriesByType("resource").map(each => each.name),
    surface: [getComputedStyle(page.body).backgroundColor],
  });
};
</script>
"""


@dataclass(frozen=True)
class Picture:
    """One drawing: what, how wide, in which theme, with which elements folded out, looked at after how many ms."""

    tables: Sequence[StoredChecklist | Unseen]
    width: int
    theme: str = "light"
    opened: str = "details:has(.rdns-command)"
    wait: int = 0

    def harness(self) -> str:
        """A page of its own around the widget."""
        html = page(self.tables, replace(FRAME, dark=self.theme == "dark"))
        quoted = json.dumps(html).replace("</", "<\\/")
        values = {"surface": SURFACES[self.theme], "width": self.width, "html": quoted, "open": self.opened}
        return HARNESS % {**values, "wait": self.wait}


@dataclass(frozen=True)
class ReportPicture:
    """One drawing of the report: how wide, how much of its height, in which theme, with or without all folded out."""

    width: int
    height: int
    theme: str = "light"
    opened: bool = False

    def harness(self) -> str:
        """A page of its own around the report."""
        quoted = html.escape(as_html.render(Report((WHOLE,)), {WHOLE.table: HISTORY}))
        values = {"width": self.width, "height": self.height, "html": quoted, "open": json.dumps(self.opened)}
        return REPORT_HARNESS % values


STALE = replace(BAD, verified_at=FRAME.now - timedelta(minutes=47))

PICTURES = {
    "widget-light": Picture((BAD,), 920),
    "widget-dark": Picture((BAD,), 920, "dark"),
    "widget-narrow": Picture((BAD, NOT_YET), 320),
    "widget-stale": Picture((STALE,), 620, opened="none"),
}

REPORTS = {
    "report-light": ReportPicture(1100, 1720),
    "report-phone": ReportPicture(390, 1080, "dark"),
}

REPORT_WIDTHS = (320, 390, 768, 1280)
"""Pixels of phones, of a tablet and of a laptop."""


def main() -> int:
    """The exit code: 1 where something does not fit, or does not go stale."""
    problems = [*wrong(), *wrong_in_report()]
    for name, picture in PICTURES.items():
        height = measured(picture)["height"]
        target = FOLDER / f"{name}.png"
        chromium(picture, f"--screenshot={target}", f"--window-size={picture.width},{height}")
    for name, report in REPORTS.items():
        chromium(report, f"--screenshot={FOLDER / name}.png", f"--window-size={report.width},{report.height}")
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return int(bool(problems))


def wrong() -> Iterable[str]:
    """What a person would complain of, at each width and in each theme, with everything folded out."""
    for width in WIDTHS:
        for theme in SURFACES:
            found = measured(Picture((BAD, GOOD, NOT_YET), width, theme, opened="details"))
            if found["over"]:
                yield f"{width} px, {theme}: wider than its frame: {found['over']}"
            if found["stale"] != ["hidden", "hidden"]:
                yield f"{width} px, {theme}: what is fresh is said to be stale"
    if measured(Picture((STALE,), WIDTHS[0]))["stale"] != ["visible"]:
        yield "what is stale is not said to be"
    nearly = replace(BAD, verified_at=FRAME.now - FRAME.late + timedelta(seconds=2))
    if measured(Picture((nearly,), WIDTHS[0], wait=5000))["stale"] != ["visible"]:
        yield "what was left open does not go stale"


def wrong_in_report() -> Iterable[str]:
    """Yield the defects of the report at each width and in each theme, with all details open."""
    surfaces = {}
    for width in REPORT_WIDTHS:
        for theme in SURFACES:
            found = measured(ReportPicture(width, 800, theme, opened=True))
            (surfaces[theme],) = found["surface"]
            if found["over"]:
                yield f"report, {width} px, {theme}: wider than the page: {found['over']}"
            if found["loaded"]:
                yield f"report: it loads {found['loaded']}"
    if len(set(surfaces.values())) != len(SURFACES):
        yield f"report: the themes look alike: {surfaces}"


def measured(picture: Picture | ReportPicture) -> dict[str, list[str]]:
    """What the harness found out. Virtual time passes at once."""
    dom = chromium(picture, "--dump-dom", f"--window-size={picture.width},2000", "--virtual-time-budget=10000")
    (said,) = re.findall(r'data-measured="([^"]*)"', dom)
    found: dict[str, list[str]] = json.loads(said.replace("&quot;", '"'))
    return found


def chromium(picture: Picture | ReportPicture, *options: str) -> str:
    """What Chromium prints."""
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("no browser: install Chromium, or name one with CHROMIUM=/path/to/it")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(picture.harness(), encoding="utf-8")
        profile = f"--user-data-dir={folder}/profile"
        quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic")
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--hide-scrollbars",
            "--disable-lcd-text",
            f"--blink-settings=preferredColorScheme={SCHEMES.index(picture.theme)}",
        ]
        command += [*quiet, profile, *options, file.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
