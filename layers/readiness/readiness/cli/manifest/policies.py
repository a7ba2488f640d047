"""The reviewed IAM policies of a repository. Condition values are kept as digests."""

import json
from collections.abc import Iterator

from readiness.cli.exits import Usage
from readiness.cli.manifest.tree import Tree, file_of, matching, text_of
from readiness.facts.recorded.manifest import Policy, kept
from readiness.iam.statement import Malformed, statements

FILLED_IN = {"${AWS::AccountId}": "ACCOUNT", "${AWS::Partition}": "PARTITION", "${AWS::Region}": "REGION"}
"""Pseudo parameters of CloudFormation."""


def policies(tree: Tree, folder: str) -> Iterator[Policy]:
    """Yield the policies of the folder and its subfolders, without trust policies. Usage: a file is not a policy."""
    for path in matching(tree, [f"{folder}/*.json"]):
        text = text_of(tree, path)
        for variable, word in FILLED_IN.items():
            text = text.replace(variable, word)
        name = path.rpartition("/")[2].removesuffix(".json")
        try:
            written = statements(json.loads(text), name, whole=True)
        except json.JSONDecodeError as error:
            raise Usage(f"{tree.root / path}, line {error.lineno}: not JSON: {error.msg}") from None
        except RecursionError:
            raise Usage(f"{tree.root / path}: not an IAM policy: values are nested too deeply") from None
        except Malformed as error:
            raise Usage(f"{tree.root / path}: not an IAM policy: {error}") from None
        except ValueError:  # of `json`: a number has thousands of digits
            raise Usage(f"{tree.root / path}: not an IAM policy: a number is too large") from None
        if not any(statement.principals for statement in written):
            yield Policy(name=name, file=file_of(tree, path), statements=kept(written))
