"""What `readiness manifest` reads of a repository, and what it refuses to."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from readiness.checklist import DocumentationSettings, Settings, TableSettings
from readiness.cli.exits import Usage
from readiness.cli.manifest.prefixes import scanned
from readiness.cli.manifest.repository import repository_of
from readiness.cli.manifest.tree import tree_of
from readiness.facts.recorded.manifest import VERSION, Newer, Repository, read, written
from tests.cli.repositories import FILES, PLAN, checkout, commit, git, instant, write

SECRET = "hunter2"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("good"))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """The same files, and no git."""
    write(tmp_path, **FILES)
    return tmp_path


def reading(root: Path, **documentation: Any) -> Repository:
    wanted = DocumentationSettings(**documentation)
    return repository_of(tree_of(root), Settings(documentation=wanted).wanted("babesclub-commerce"))


def refusal(root: Path) -> str:
    with pytest.raises(Usage) as refused:
        reading(root)
    return str(refused.value)


def test_documents_are_read_with_their_headings_prefixes_and_commit(good: Path) -> None:
    found = reading(good)
    assert found.plan
    assert (found.plan.headings, found.plan.prefixes) == (
        ("Cart and checkout", "Keys"),
        ("CART", "QUOTE", "READINESS"),
    )
    assert found.plan.file.commit == found.commit == git(good, "rev-parse", "HEAD")
    assert found.plan.file.changed == instant("2026-11-01T12:00:00+00:00")
    assert [(each.file.path, each.prefixes) for each in found.runbooks] == [("notes/ops/restore-runbook.md", ("CART",))]


def test_it_comes_back_from_json_as_it_was(good: Path) -> None:
    found = reading(good)
    assert read(json.loads(json.dumps(written(found)))) == found


def test_no_value_of_a_variable_or_of_a_condition_is_kept(good: Path) -> None:
    assert SECRET in FILES[".env"]
    assert SECRET in FILES["config/iam/cart.json"]
    text = json.dumps(written(reading(good)))
    assert "STRIPE_KEY" in text
    assert "StringLike dynamodb:LeadingKeys" in text
    assert SECRET not in text


def test_what_a_later_release_wrote_is_not_guessed_at() -> None:
    with pytest.raises(Newer, match=f"version is {VERSION + 1}, this release reads up to {VERSION}"):
        read({"version": VERSION + 1, "prefixes": []})
    with pytest.raises(ValueError, match="missing required field"):
        read({"version": VERSION})


@pytest.mark.parametrize(
    ("text", "prefixes"),
    [
        pytest.param("`CART#<id>`", ["CART"], id="a code span"),
        pytest.param("keys such as CART#42", ["CART"], id="prose"),
        pytest.param("    CART#1", ["CART"], id="an indented block"),
        pytest.param("```\nPK = RATE_LIMIT#ip\n```", ["RATE_LIMIT"], id="a fence"),
        pytest.param("| key |\n|---|\n| `CART#` |", ["CART"], id="a table"),
        pytest.param("## CART# items", ["CART"], id="a heading"),
        pytest.param("`CART#<id>#ITEM#<n>`", ["CART"], id="of a key the beginning alone"),
        pytest.param("<!-- CART# -->", [], id="a comment documents nothing"),
        pytest.param("written in C#, issue PR-1#2, item#3", [], id="what is no prefix"),
    ],
)
def test_a_prefix_is_named_in(plain: Path, text: str, prefixes: list[str]) -> None:
    write(plain, **{PLAN: text})
    found = reading(plain).plan
    assert found
    assert list(found.prefixes) == prefixes


@pytest.mark.parametrize(
    ("source", "prefixes"),
    [
        pytest.param('f"CART#{cart}"', {"CART"}, id="an f-string"),
        pytest.param('PREFIX = "CART#"', {"CART"}, id="a constant"),
        pytest.param('"CART#%s" % cart', {"CART"}, id="a format"),
        pytest.param('f"CART#{cart}#ITEM#{item}"', {"CART"}, id="the beginning alone"),
        pytest.param('f"{shop}CART#{cart}"', set(), id="what another value comes before"),
        pytest.param("f\"{key('CART#')}\"", {"CART"}, id="a string inside of another"),
        pytest.param('def key():\n    """CART# of a shop."""', set(), id="no docstring"),
        pytest.param("# CART#1", set(), id="no comment"),
        pytest.param('b"CART#"', set(), id="no bytes"),
        pytest.param('"Cart#1", "C#", "see CART#1"', set(), id="nothing that is no prefix"),
        pytest.param('"#".join(["COUPON", code])', {"COUPON"}, id="a join"),
        pytest.param('"".join(("COUPON", "#", code))', {"COUPON"}, id="a join of all pieces"),
        pytest.param('SEP = "#"\nSEP.join(["COUPON", code])', {"COUPON"}, id="a join with a constant"),
        pytest.param('SEP = "#"\nkey = "ORDER" + SEP + order', {"ORDER"}, id="a sum with a constant"),
        pytest.param('"ORDER" + "#" + order', {"ORDER"}, id="a sum of pieces"),
        pytest.param('K = "ORDER"\nf"{K}#{order}"', {"ORDER"}, id="an f-string with a constant"),
        pytest.param('class K:\n    ORDER: str = "ORDER"\nf"{K.ORDER.value}#{x}"', {"ORDER"}, id="a member"),
        pytest.param('"%s#%s" % ("ORDER", order)', {"ORDER"}, id="a format that is filled in"),
        pytest.param('"%(kind)s#%%%(id)s" % order', set(), id="no format of what is not known"),
        pytest.param('"{}#{}".format("ORDER", order)', {"ORDER"}, id="braces that are filled in"),
        pytest.param('"{1}#{0}".format(order, "ORDER")', {"ORDER"}, id="by their places"),
        pytest.param('"{kind}#{id}".format(kind="ORDER", id=order)', {"ORDER"}, id="by their names"),
        pytest.param('T = "order#{}"\nT.format(order)', {"order"}, id="a template that is a constant"),
        pytest.param('"{".format(order)', set(), id="no braces that say nothing"),
        pytest.param("'session#' + token", {"session"}, id="lower case"),
        pytest.param('f"userProfile#{user}"', {"userProfile"}, id="mixed case"),
        pytest.param('"session#%s" % token', {"session"}, id="lower case in a format"),
        pytest.param('PREFIX = "session#"', {"session"}, id="lower case that ends there"),
        pytest.param('f"see{x}", f"{x}-y", x + y, f"{x:04}#"', set(), id="nothing that has no mark behind it"),
    ],
)
def test_python_makes_keys_of(source: str, prefixes: set[str]) -> None:
    assert scanned({"key.py": source.encode()})["key.py"].prefixes == prefixes


@pytest.mark.parametrize(
    ("source", "prefixes"),
    [
        pytest.param("`CART#${id}`", {"CART"}, id="a template"),
        pytest.param("'CART#' + id", {"CART"}, id="a sum"),
        pytest.param("`${shop}CART#`", set(), id="nothing that another value comes before"),
        pytest.param("const color = '#CAFE00'", set(), id="no colour"),
        pytest.param("\udcff'CART#'", {"CART"}, id="whatever its encoding"),
        pytest.param('["COUPON", id].join("#")', {"COUPON"}, id="a join"),
        pytest.param("[ 'COUPON', ids[0], f(a, b) ]\n  .join('#')", {"COUPON"}, id="a join over lines"),
        pytest.param('["COUPON", "#", id].join("")', {"COUPON"}, id="a join of all pieces"),
        pytest.param('const SEP = "#"; ["COUPON", id].join(SEP)', {"COUPON"}, id="a join with a constant"),
        pytest.param('const SEP = "#";\nkey("ORDER" + SEP + id)', {"ORDER"}, id="a sum with a constant"),
        pytest.param("const SEP: string = '#'\nconst k = `ORDER${SEP}${id}`", {"ORDER"}, id="a template with one"),
        pytest.param("export const K = { order: 'ORDER' }; `${K.order}#${id}`", {"ORDER"}, id="a member"),
        pytest.param("enum K { Order = 'ORDER' }\n`${K.Order}#${id}`", {"ORDER"}, id="an enumeration"),
        pytest.param('"ORDER".concat("#", id)', {"ORDER"}, id="a concat"),
        pytest.param('("ORDER") + "#" + id', {"ORDER"}, id="brackets"),
        pytest.param("`session#${id}`", {"session"}, id="lower case"),
        pytest.param("'userProfile#' + id", {"userProfile"}, id="mixed case"),
        pytest.param("`${f(`session#${id}`)}`", {"session"}, id="a template inside of another"),
        pytest.param("// 'session#' + id\n/* `cart#${id}` */", set(), id="no comment in lower case"),
        pytest.param("// was 'CART#1'\n/* \"ORDER#\" */", set(), id="no comment in capitals"),
        pytest.param("u = 'https://x'; v = `/* ${x}`; k = 'CART#'", {"CART"}, id="behind a text with a comment's mark"),
        pytest.param("class R { prefix = 'CART'; k() { return `${this.prefix}#` } }", {"CART"}, id="its own member"),
        pytest.param("x = /[`'\"]/g; y = `session#${id}`", {"session"}, id="behind a regular expression"),
        pytest.param("a / b / c; it's; `session#${id}`", {"session"}, id="behind what looks like one"),
        pytest.param("'issue#1'; `see page#${id}`; url('a.html#b')", set(), id="nothing that is no prefix"),
        pytest.param("[a, b].join(','); [].join('#'); f(", set(), id="no other join"),
        pytest.param("`${", set(), id="nothing that has no end"),
    ],
)
def test_other_sources_make_keys_of(source: str, prefixes: set[str]) -> None:
    scans = scanned({"key.ts": source.encode(errors="surrogateescape")})
    assert scans["key.ts"].prefixes == prefixes


@pytest.mark.parametrize(
    ("path", "source", "lines"),
    [
        pytest.param("key.py", 'def key(kind, id):\n    return f"{kind}#{id}"', {2}, id="an f-string"),
        pytest.param("key.py", 'kind + "#" + id', {1}, id="a sum in Python"),
        pytest.param("key.py", '"#".join([kind, id])', {1}, id="a join in Python"),
        pytest.param("key.py", '"%s#%s" % (kind, id)', {1}, id="a format"),
        pytest.param("key.py", 'f"{first}{second}#{id}"', {1}, id="several that are not known"),
        pytest.param("key.ts", "const k = (kind, id) =>\n  `${kind}#${id}`", {2}, id="a template"),
        pytest.param("key.ts", 'kind + "#" + id', {1}, id="a sum"),
        pytest.param("key.ts", '[kind, id].join("#")', {1}, id="a join"),
        pytest.param("key.ts", '\n\nkind.toUpperCase().concat("#", id)', {3}, id="a concat"),
        pytest.param("key.ts", "`${a}-${b}`; a + b; '#' + color", set(), id="nothing that is no key"),
    ],
)
def test_where_it_can_not_be_resolved_is_said(path: str, source: str, lines: set[int]) -> None:
    found = scanned({path: source.encode()})[path]
    assert (found.unresolved, found.prefixes) == (lines, set())


def test_a_constant_of_another_file_is_looked_up() -> None:
    sources = {
        "keys.py": b'SEP = "#"\nKIND = "COUPON"',
        "use.py": b'f"{KIND}{SEP}{code}"',
        "own.py": b'OTHER = "ORDER"\nf"{OTHER}{SEP}{code}"',
        "both.py": b'KIND = "CART"\nf"{KIND}{SEP}{code}"',
        "none.py": b'f"{other}{SEP}{code}"',
    }
    found = scanned(sources)
    prefixes = {path: scan.prefixes for path, scan in found.items() if scan.prefixes}
    assert prefixes == {"use.py": {"CART", "COUPON"}, "own.py": {"ORDER"}, "both.py": {"CART"}}
    assert found["none.py"].unresolved == {1}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        pytest.param("key.ts", "const key = (type, id) => `${type}#${id}`", id="a parameter"),
        pytest.param("key.ts", "`${item.type}#${item.id}`", id="a member of what may be anything"),
        pytest.param("key.ts", "`${this.kind}#${id}`", id="a member of another class"),
        pytest.param("key.py", 'def key(KIND, id):\n    return f"{KIND}#{id}"', id="a parameter in Python"),
        pytest.param("key.py", 'key = lambda KIND: KIND + "#"', id="a parameter of a lambda"),
        pytest.param("key.py", 'f"{item.type}#{id}"', id="a member in Python"),
        pytest.param("key.py", 'f"{kind}#{id}"', id="a name that is not imported"),
    ],
)
def test_a_name_of_another_file_is_not_taken_for_what_happens_to_be_called_so(path: str, source: str) -> None:
    others = {
        "schema.ts": b"export const schema = { type: 'string', kind: 'object' }; let kind = 'x'",
        "book.py": b"KIND = 'book'\nclass Book:\n    type = 'book'\ndef f():\n    kind = 'book'",
    }
    found = scanned({path: source.encode(), **others})[path]
    assert (found.prefixes, len(found.unresolved)) == (set(), 1)


def test_a_member_of_a_constant_of_another_file_is_looked_up() -> None:
    sources = {"keys.ts": b"export const Key = { order: 'ORDER' }", "use.ts": b"`${Key.order}#${id}`"}
    assert scanned(sources)["use.ts"].prefixes == {"ORDER"}


def test_a_name_in_lower_case_is_looked_up_where_it_is_imported() -> None:
    sources = {
        "keys.ts": b"export const orderKey = 'ORDER'; export const holdKey = 'HOLD'",
        "use.ts": b"import { orderKey } from './keys'; `${orderKey}#${id}`; `${holdKey}#${id}`",
        "old.js": b"const { holdKey } = require('./keys'); holdKey + '#' + id",
        "keys.py": b'cart = "CART"\nquote = "QUOTE"',
        "use.py": b'from keys import cart\nf"{cart}#{id}", f"{quote}#{id}"',
    }
    found = {path: scan.prefixes for path, scan in scanned(sources).items() if scan.prefixes}
    assert found == {"use.ts": {"ORDER"}, "old.js": {"HOLD"}, "use.py": {"CART"}}


def test_keys_in_every_style_that_no_document_names_are_told(plain: Path) -> None:
    write(
        plain,
        **{
            "web/coupon.js": '["COUPON", id].join("#")',
            "web/order.js": 'const SEP = "#"; const key = "ORDER" + SEP + id',
            "web/session.js": "`session#${id}`",
        },
    )
    found = reading(plain)
    assert {prefix.name for prefix in found.code} - found.documented == {"COUPON", "ORDER", "session"}
    write(plain, **{PLAN: "`COUPON#<id>`, `ORDER#`, session#<id>, issue#7, `CART#` and `QUOTE#`"})
    assert {prefix.name for prefix in reading(plain).code} <= reading(plain).documented


def test_what_can_not_be_resolved_is_listed_with_its_place(plain: Path) -> None:
    write(plain, **{"web/key.js": "\nexport const key = (kind, id) => `${kind}#${id}`\n"})
    assert reading(plain).unresolved == ("web/key.js:2",)


def test_a_prefix_that_is_put_together_has_the_commit_that_added_it(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    added = commit(root, "2026-11-05T00:00:00+00:00", **{"src/hold.py": '"#".join(["HOLD", x])\n'})
    found = {prefix.name: prefix for prefix in reading(root).code}
    assert found["HOLD"].commit == added


def test_a_prefix_of_the_code_has_the_commit_that_added_it(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    added = commit(root, "2026-11-05T00:00:00+00:00", **{"src/hold.py": 'HOLD = "HOLD#"\n'})
    commit(root, "2026-11-09T00:00:00+00:00", **{"src/hold.py": 'A = 1\nHOLD = "HOLD#"\n'})
    git(root, "mv", "src/hold.py", "src/holds.py")
    commit(root, "2026-11-10T00:00:00+00:00")
    found = {prefix.name: prefix for prefix in reading(root).code}
    assert set(found) == {"CART", "HOLD", "QUOTE"}
    assert found["HOLD"].path == "src/holds.py"
    assert found["HOLD"].commit == added
    assert found["HOLD"].added == instant("2026-11-05T00:00:00+00:00")


def test_tests_and_what_git_ignores_are_no_code(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    write(root, **{".gitignore": ".env\nbuild/\n", "build/made.py": '"MADE#"', "tests/x.py": '"FAKE#"'})
    write(root, **dict.fromkeys(("web/__tests__/a.ts", "web/a.test.ts", "web/a.spec.js", "src/test_a.py"), '"FAKE#"'))
    assert [prefix.name for prefix in reading(root).code] == ["CART", "QUOTE"]


@pytest.mark.parametrize("name", ["a.tsx", "a.jsx", "a.cjs", "a.mts", "a.cts"])
def test_every_kind_of_script_is_code(plain: Path, name: str) -> None:
    write(plain, **{f"web/{name}": "`ORDER#${id}`"})
    assert "ORDER" in {prefix.name for prefix in reading(plain).code}


def test_a_part_of_a_checkout_is_read_by_itself(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    checkout(tmp_path)
    commit(tmp_path, "2026-11-02T00:00:00+00:00", **{f"shop/{path}": text for path, text in FILES.items()})
    found = reading(shop)
    assert found.plan
    assert found.plan.file.path == PLAN
    assert found.plan.file.changed == instant("2026-11-02T00:00:00+00:00")


def test_what_is_not_committed_as_it_stands_has_the_date_of_the_file(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    for path in (PLAN, ".env"):
        with (root / path).open("a") as file:
            file.write("\n")
        os.utime(root / path, (1_790_000_000, 1_790_000_000))
    found = reading(root)
    assert found.plan
    assert found.env
    for each in (found.plan, found.env):
        assert each.file.commit is None
        assert each.file.changed == datetime.fromtimestamp(1_790_000_000, UTC)


def test_a_plain_folder_has_the_dates_of_files(plain: Path) -> None:
    found = reading(plain)
    assert found.commit is None
    assert found.plan
    assert found.plan.file.commit is None
    assert [(prefix.name, prefix.added) for prefix in found.code] == [("CART", None), ("QUOTE", None)]


def test_hidden_and_foreign_folders_of_a_plain_folder_are_not_searched(plain: Path) -> None:
    write(plain, **{".venv/lib/x.py": '"LIB#"', "node_modules/x/x.js": '"LIB#"'})
    assert [prefix.name for prefix in reading(plain).code] == ["CART", "QUOTE"]


def test_variables_are_known_by_their_names(plain: Path) -> None:
    found = reading(plain)
    assert found.env
    assert found.env_readme
    assert (found.env.names, found.env.as_wanted) == (("COMMERCE_TABLE", "STRIPE_KEY"), ("COMMERCE_TABLE",))
    assert (found.env_readme.names, found.env_readme.as_wanted) == (
        ("COMMERCE_TABLE", "STRIPE_KEY"),
        ("COMMERCE_TABLE",),
    )
    assert found.wanted == {"COMMERCE_TABLE": "babesclub-commerce"}


@pytest.mark.parametrize(
    ("line", "right"),
    [
        pytest.param("COMMERCE_TABLE=babesclub-commerce", True, id="bare"),
        pytest.param('export COMMERCE_TABLE="babesclub-commerce" # prod', True, id="exported, quoted, commented"),
        pytest.param("COMMERCE_TABLE=babesclub-commerce-staging", False, id="another table"),
        pytest.param("COMMERCE_TABLE='babesclub-commerce '", False, id="white space in quotes"),
        pytest.param("COMMERCE_TABLE=", False, id="empty"),
        pytest.param("COMMERCE_TABLE", False, id="without a value"),
        pytest.param("# COMMERCE_TABLE=babesclub-commerce", False, id="commented out"),
    ],
)
def test_an_env_file_has_exactly_the_value_that_is_wanted(plain: Path, line: str, *, right: bool) -> None:
    write(plain, **{".env": line})
    found = reading(plain).env
    assert found
    assert (found.as_wanted == ("COMMERCE_TABLE",)) is right


@pytest.mark.parametrize(
    ("text", "names", "right"),
    [
        pytest.param("Set COMMERCE_TABLE to babesclub-commerce.", ["COMMERCE_TABLE"], True, id="prose"),
        pytest.param(
            "```\nCOMMERCE_TABLE='babesclub-commerce'\nPORT=80\n```", ["COMMERCE_TABLE", "PORT"], True, id="code"
        ),
        pytest.param("`PORT`, and READ THIS", ["PORT"], False, id="a word in capitals is a variable in code alone"),
        pytest.param("COMMERCE_TABLE is babesclub-commerce-staging", ["COMMERCE_TABLE"], False, id="another table"),
        pytest.param("the table is babesclub-commerce", [], False, id="the value without the name"),
        pytest.param("<!-- COMMERCE_TABLE babesclub-commerce -->", [], False, id="a comment"),
    ],
)
def test_a_readme_documents(plain: Path, text: str, names: list[str], *, right: bool) -> None:
    write(plain, **{"README_ENV.md": text})
    found = reading(plain).env_readme
    assert found
    assert list(found.names) == names
    assert (found.as_wanted == ("COMMERCE_TABLE",)) is right


def test_without_an_env_file_its_example_counts(plain: Path) -> None:
    (plain / ".env").rename(plain / ".env.example")
    found = reading(plain).env
    assert found
    assert found.file.path == ".env.example"


def test_what_is_not_there_is_said_to_be_absent(tmp_path: Path) -> None:
    found = reading(tmp_path)
    assert (found.plan, found.runbooks, found.code, found.env, found.env_readme, found.policies) == (
        *(None, (), ()),
        *(None, None, ()),
    )


def test_a_reviewed_policy_is_read_in_the_form_in_which_live_ones_are(good: Path) -> None:
    (policy,) = reading(good).policies
    assert policy.name == "cart"
    assert policy.file.path == "config/iam/cart.json"
    (statement,) = policy.statements
    assert statement.allow
    assert statement.actions == ("dynamodb:getitem", "dynamodb:putitem")
    assert statement.resources == ("arn:aws:dynamodb:REGION:ACCOUNT:table/babesclub-commerce",)


def test_what_a_reviewed_policy_compares_with_stays_in_the_repository(plain: Path) -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": "s3cret"}}
    statement = {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "*", "Condition": condition}
    write(plain, **{"config/iam/cart.json": json.dumps({"Statement": statement})})
    (policy,) = reading(plain).policies
    assert [each.conditions for each in policy.statements] == [("StringEquals aws:PrincipalAccount",)]
    assert "s3cret" not in json.dumps(written(reading(plain)), default=str)


def test_a_trust_policy_is_none_of_them(plain: Path) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    write(plain, **{"config/iam/trust.json": json.dumps({"Statement": [trust]})})
    assert [policy.name for policy in reading(plain).policies] == ["cart"]


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        pytest.param(
            ".env", f"\n\nA=1\nA={SECRET}\n", ".env, line 4: A is set a second time", id="a variable that is set twice"
        ),
        pytest.param(".env", f"A=1\n\nB='{SECRET}\n", ".env, line 3: not an assignment", id="a quote without an end"),
        pytest.param(
            "src/cart.py", "x = (\n", "src/cart.py, line 1: not valid Python", id="a source that does not parse"
        ),
        pytest.param("src/cart.py", "\0", "src/cart.py", id="a source that is no text"),
        pytest.param("config/iam/cart.json", "{", "cart.json, line 1: not JSON", id="a policy that is no JSON"),
        pytest.param("config/iam/cart.json", "[]", "cart.json: not an IAM policy", id="a policy that is none"),
    ],
)
def test_what_can_not_be_read_is_named(plain: Path, path: str, text: str, message: str) -> None:
    write(plain, **{path: text})
    assert message in refusal(plain)
    assert SECRET not in refusal(plain)


@pytest.mark.parametrize("path", [PLAN, ".env", "README_ENV.md", "config/iam/cart.json"])
def test_a_file_that_is_not_utf_8_is_named(plain: Path, path: str) -> None:
    (plain / path).write_bytes(b"\xff\xfe")
    assert refusal(plain) == f"{plain / path}: not UTF-8"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "shop") == f"{tmp_path / 'shop'}: not a folder"
    write(tmp_path, shop="a file")
    assert "not a folder" in refusal(tmp_path / "shop")


def test_a_checkout_without_git_at_hand_is_said_to_need_it(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "git is not installed" in refusal(good)


def test_a_checkout_of_no_commit_is_named(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert refusal(tmp_path).startswith(f"{tmp_path}: git rev-parse: ")


def test_a_shallow_clone_does_not_say_when_something_changed(good: Path, tmp_path: Path) -> None:
    commit(good, "2026-11-02T00:00:00+00:00")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{good}", str(tmp_path / "clone"))
    assert "git fetch --unshallow" in refusal(tmp_path / "clone")


def test_the_repository_is_left_as_it_was(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    os.utime(root / PLAN)
    index = (root / ".git/index").read_bytes()
    reading(root)
    assert (root / ".git/index").read_bytes() == index


def test_the_paths_are_those_of_the_checklist(plain: Path) -> None:
    write(plain, **{"docs/design.md": "`ORDER#`", "docs/night.md": "`ORDER#`", "lib/order.rb": 'key = "ORDER#1"'})
    found = reading(plain, plan="docs/design.md", runbooks=("docs/*.md",), sources=("**/*.rb",))
    assert found.plan
    assert found.plan.prefixes == ("ORDER",)
    assert [each.file.path for each in found.runbooks] == ["docs/night.md"]
    assert [each.name for each in found.code] == ["ORDER"]


def test_a_table_may_have_a_repository_of_its_own() -> None:
    own = DocumentationSettings(plan="docs/orders.md")
    settings = Settings(tables=(TableSettings(name="orders", documentation=own), TableSettings(name="carts")))
    assert settings.wanted("orders").documentation == own
    assert settings.wanted("carts").documentation == settings.documentation
