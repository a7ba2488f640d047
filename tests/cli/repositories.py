"""Repositories as the command reads them: made of files, with git or without."""

import os
import subprocess
from datetime import datetime
from pathlib import Path

PLAN = "notes/backend/cart-checkout-plan.md"
TEMPLATE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Table",
      "Effect": "Allow",
      "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
      "Resource": "arn:aws:dynamodb:${AWS::Region}:ACCOUNT:table/babesclub-commerce",
      "Condition": {"StringLike": {"dynamodb:LeadingKeys": ["hunter2-condition"]}}
    }
  ]
}
"""
FILES = {
    PLAN: "# Cart and checkout\n\n## Keys\n\n`CART#<id>` and `QUOTE#<id>`; the monitor keeps `READINESS#`.\n",
    "notes/ops/restore-runbook.md": "# Restore\n\nFind the cart under CART#1.\n",
    "src/cart.py": 'def key(cart: str) -> str:\n    return f"CART#{cart}"\n',
    "web/quote.ts": "export const key = (id: string) => `QUOTE#${id}`;\n",
    ".env": "export COMMERCE_TABLE='babesclub-commerce' # the table\nSTRIPE_KEY=hunter2-stripe\n",
    ".gitignore": ".env\n",
    "README_ENV.md": "- `COMMERCE_TABLE`: `babesclub-commerce`\n- `STRIPE_KEY`: ask the vault\n",
    "config/iam/cart.json": TEMPLATE,
}


def write(root: Path, **files: str) -> None:
    """Files by their paths."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def git(root: Path, *arguments: str, at: str = "2026-11-01T12:00:00+00:00") -> str:
    """Nothing but the arguments decides: not the settings of who runs it."""
    who = {f"GIT_{role}_{field}": value for role in ("AUTHOR", "COMMITTER") for field, value in NAMES.items()}
    dates = {f"GIT_{role}_DATE": at for role in ("AUTHOR", "COMMITTER")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    ran = subprocess.run(
        ["git", "-C", str(root), *arguments],  # noqa: S607  the git that the command finds too
        env={**os.environ, **who, **dates, **alone},
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout.strip()


NAMES = {"NAME": "maria", "EMAIL": "maria@example.com"}


def commit(root: Path, at: str, **files: str) -> str:
    """Write the files, and commit all that there is at that instant."""
    write(root, **files)
    git(root, "add", "--all")
    git(root, "commit", "--message", "change", "--allow-empty", at=at)
    return git(root, "rev-parse", "HEAD")


def checkout(root: Path, at: str = "2026-11-01T12:00:00+00:00") -> Path:
    """A repository of one commit, as it should be."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "--quiet")
    commit(root, at, **FILES)
    return root


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
