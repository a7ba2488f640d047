from tests.cli.world import BAD, GOOD, World


def test_look(world: World) -> None:
    world.good_table()
    world.recovery(on=False)
    log = []
    for args in (
        ("1.4",),
        ("1.4", "--apply"),
        ("1.4", "--apply", "--yes"),
        ("1.3",),
        ("3.1",),
        ("3.3",),
        ("2.2",),
        ("3.4",),
        ("5.1",),
    ):
        got = world.type("fix", *args, "--table", GOOD, "--config", world.decided())
        log.append(f"$ readiness fix {args} -> {got.code}\n{got.out}{got.err}")
    got = world.type("fix", "1.4", "--table", "absent")
    print(got.code, got.out, got.err)
    raise AssertionError("\n".join(log))
