"""`readiness own`: who an item belongs to, on record."""

from tests.cli.world import GOOD, World


def owners(world: World, *options: str) -> set[str | None]:
    return {rule["owner"] for rule in world.check(*options).table["rules"] if rule["id"] == "pitr-enabled"}


def test_who_is_recorded_wins_over_the_file_until_they_are_withdrawn(good: World) -> None:
    config = ("--config", good.checklist('[owners]\ndefault = "platform"\n'))
    assert good.type("own", "pitr-enabled", "ada@example.com", "--yes").code == 0
    assert owners(good, *config) == {"ada@example.com"}
    assert good.type("own", "pitr-enabled", "--withdraw", "--yes").code == 0
    assert owners(good, *config) == {"platform"}


def test_who_says_so_is_who_the_credentials_are_of(good: World) -> None:
    good.type("own", "pitr-enabled", "ada@example.com", "--yes")
    (row,) = good.rows()
    assert row["by"]["S"] == good.client("sts").get_caller_identity()["Arn"]


def test_it_is_said_of_every_table_of_the_checklist(good: World) -> None:
    good.good_table("orders")
    config = good.checklist(f'[[tables]]\nname = "{GOOD}"\n[[tables]]\nname = "orders"\n')
    ended = good.type("own", "pitr-enabled", "ada", "--yes", "--config", config)
    assert (ended.code, len(ended.out.splitlines())) == (0, 2)
    assert [len(good.rows(table)) for table in (GOOD, "orders")] == [1, 1]


def test_what_was_typed_is_kept_as_it_is_and_shown_on_one_line(good: World) -> None:
    odd = "[bold]platform[/bold]\x1b[31m {table} %s\n$(id)"
    ended = good.type("own", "pitr-enabled", odd, "--yes")
    assert ended.out == f"{GOOD}: owner of pitr-enabled: [bold]platform[/bold] [31m {{table}} %s $(id)\n"
    (row,) = good.rows()
    assert row["owner"]["S"] == odd
    shown = good.type("check", "-v", "--rule", "1.4").out
    assert "\x1b" not in shown
    assert "[bold]platform[/bold] [31m {table} %s $(id)" in shown
