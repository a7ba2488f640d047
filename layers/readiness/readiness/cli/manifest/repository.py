"""Read the manifest of a repository for one table."""

from readiness.checklist import DocumentationSettings, TableSettings
from readiness.cli.manifest.documents import document
from readiness.cli.manifest.policies import policies
from readiness.cli.manifest.prefixes import lines_of, scanned
from readiness.cli.manifest.tree import Tree, bytes_of, matching
from readiness.cli.manifest.variables import documented_by, first_of, set_by
from readiness.facts.recorded.manifest import Prefix, Repository

MOST = 100
"""The number of recorded lines whose key prefix cannot be resolved."""


def repository_of(tree: Tree, table: TableSettings) -> Repository:
    """Return the manifest. `table` is from `Settings.wanted`. Usage: a file cannot be read, or has a wrong format."""
    where = table.documentation or DocumentationSettings()
    environment = table.functions.environment if table.functions else {}
    wanted = {name: value.replace("{table}", table.name) for name, value in environment.items()}
    code, unresolved = _code(tree, where)
    known = [prefix.name for prefix in code]
    plan, env = first_of(tree, (where.plan,)), first_of(tree, where.env)
    readme = first_of(tree, (where.env_readme,))
    return Repository(
        commit=tree.head,
        plan=document(tree, plan, known) if plan else None,
        runbooks=tuple(document(tree, path, known) for path in matching(tree, where.runbooks, (where.plan,))),
        code=code,
        unresolved=unresolved,
        env=set_by(tree, env, wanted) if env else None,
        env_readme=documented_by(tree, readme, wanted) if readme else None,
        wanted=wanted,
        policies=tuple(policies(tree, where.iam)),
    )


def _code(tree: Tree, where: DocumentationSettings) -> tuple[tuple[Prefix, ...], tuple[str, ...]]:
    """Return each prefix once with its first file, and the lines whose key prefix cannot be resolved."""
    scans = scanned({path: bytes_of(tree, path) for path in matching(tree, where.sources, where.not_sources)})
    found: dict[str, str] = {}
    for path, scan in scans.items():
        for name in scan.prefixes:
            found.setdefault(name, path)
    unresolved = [f"{path}:{line}" for path, scan in scans.items() for line in sorted(scan.unresolved)]
    prefixes = []
    for name, path in sorted(found.items()):
        lines = (tree.first_line(line, where.sources, where.not_sources) for line in lines_of(name))
        commit, added = next(filter(None, lines), (None, None))
        prefixes.append(Prefix(name=name, path=path, added=added, commit=commit))
    return tuple(prefixes), tuple(unresolved[:MOST])
