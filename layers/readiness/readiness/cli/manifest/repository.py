"""What a repository says of one table."""

from collections.abc import Iterator

from readiness.checklist import DocumentationSettings, TableSettings
from readiness.cli.manifest.documents import document
from readiness.cli.manifest.policies import policies
from readiness.cli.manifest.prefixes import line_of, made_by
from readiness.cli.manifest.tree import Tree, bytes_of, matching
from readiness.cli.manifest.variables import documented_by, first_of, set_by
from readiness.manifest import Prefix, Repository


def said_by(tree: Tree, table: TableSettings) -> Repository:
    """`table` as `Settings.wanted` has it. Usage: a file can't be read, or is not what its name says."""
    where = table.documentation or DocumentationSettings()
    environment = table.functions.environment if table.functions else {}
    wanted = {name: value.replace("{table}", table.name) for name, value in environment.items()}
    plan, env = first_of(tree, (where.plan,)), first_of(tree, where.env)
    readme = first_of(tree, (where.env_readme,))
    return Repository(
        commit=tree.head,
        plan=document(tree, plan) if plan else None,
        runbooks=tuple(document(tree, path) for path in matching(tree, where.runbooks, (where.plan,))),
        code=tuple(_code(tree, where)),
        env=set_by(tree, env, wanted) if env else None,
        env_readme=documented_by(tree, readme, wanted) if readme else None,
        wanted=wanted,
        policies=tuple(policies(tree, where.iam)),
    )


def _code(tree: Tree, where: DocumentationSettings) -> Iterator[Prefix]:
    """Each prefix once, with the first file that has it."""
    found: dict[str, str] = {}
    for path in matching(tree, where.sources, where.not_sources):
        for name in made_by(path, bytes_of(tree, path)):
            found.setdefault(name, path)
    for name, path in sorted(found.items()):
        commit, added = tree.first_line(line_of(name), where.sources, where.not_sources) or (None, None)
        yield Prefix(name=name, path=path, added=added, commit=commit)
