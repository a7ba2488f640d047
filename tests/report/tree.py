"""An HTML page as a tree, read as strictly as it can be: each element is closed by its own tag."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = frozenset({"meta", "br"})


@dataclass
class Node:
    """An element: its tag, attributes, and what it contains."""

    tag: str
    attributes: dict[str, str]
    inside: "list[Node | str]" = field(default_factory=list)

    def __iter__(self) -> "Iterator[Node]":
        """This element and all in it, in the order of the page."""
        yield self
        for each in self.inside:
            if isinstance(each, Node):
                yield from each

    @property
    def text(self) -> str:
        """The text in it, on one line."""
        parts = (each.text if isinstance(each, Node) else each for each in self.inside)
        return " ".join(" ".join(parts).split())

    def all(self, tag: str = "", **wanted: str) -> "list[Node]":
        """The elements in it with this tag and these attributes; `_` stands for `-`, and `*` for any value."""
        names = {name.replace("_", "-"): value for name, value in wanted.items()}
        return [
            node
            for node in self
            if tag in ("", node.tag)
            and all(name in node.attributes and value in ("*", node.attributes[name]) for name, value in names.items())
        ]

    def one(self, tag: str = "", **wanted: str) -> "Node":
        """The only such element."""
        (node,) = self.all(tag, **wanted)
        return node


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice: {names}"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in EMPTY:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> in {self.open[-1].tag}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def tree(html: str) -> Node:
    """The page, whose elements are all closed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    (root,) = reader.open
    return root
