"""Read Markdown documents with a parser, which leaves out HTML comments and recognizes code blocks."""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from readiness.cli.manifest.prefixes import named_in
from readiness.cli.manifest.tree import Tree, file_of, text_of
from readiness.facts.recorded.manifest import Document

CODE = frozenset({"code_block", "code_inline", "fence"})
TEXT = CODE | {"text"}
"""The types of tokens with text."""


def tokens_of(tree: Tree, path: str) -> Sequence[Token]:
    """Return the tokens of the document. Usage: it cannot be read."""
    return MarkdownIt("commonmark").enable("table").parse(text_of(tree, path))


def document(tree: Tree, path: str, known: Collection[str] = ()) -> Document:
    """Return headings and key prefixes; prefixes with lower case letters only if `known`. Usage: it cannot be read."""
    tokens = tokens_of(tree, path)
    headings = (inline for opening, inline in pairwise(tokens) if opening.type == "heading_open")
    return Document(
        file=file_of(tree, path),
        headings=tuple("".join(texts([heading])).strip() for heading in headings),
        prefixes=tuple(sorted({prefix for text in texts(tokens) for prefix in named_in(text, known)})),
    )


def texts(tokens: Sequence[Token], types: Collection[str] = TEXT) -> Iterator[str]:
    """Yield the pieces of text and code, or of these types of tokens."""
    for token in tokens:
        if token.children:
            yield from texts(token.children, types)
        elif token.type in types:
            yield token.content
