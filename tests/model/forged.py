"""Random histories of whole runs while somebody changes, adds and forges the rows of the monitor, and takes its key.

What nobody can notice is left out, as docs/security.md says: a deleted message, and a whole signed state of yesterday.
"""

import json
from datetime import timedelta
from typing import Any

from readiness.state.store.wire import decode_item
from tests.model.whole import FORMER, History, forget_environment, heard

FORGED = "FORGED"
OURS = ("STATE#CHECKS", "STATE#FACT#", "STATE#MIRROR#", "OUTBOX#")

NONSENSE: tuple[Any, ...] = (
    {"S": FORGED},
    {"N": "-1"},
    {"N": "1E+100"},
    {"NULL": True},
    {"L": [{"S": FORGED}]},
    {"M": {"pitr-enabled/on": {"S": FORGED}}},
    {"B": b"\x00"},
)


class Forged(History):
    """A history in which the rows are attacked. `touched` are the messages that were changed while they waited."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.touched: set[str] = set()
        self.key_deleted = False

    def _happens(self) -> None:
        attacks = [self._change, self._add_message, self._lease, self._key, self._deny]
        if "mac" in self.cloud.rows.get("STATE", {}):
            attacks += [self._add_unsigned]
        if any(value.endswith("signed") for value in self.cloud.parameters.values()):
            attacks += [self._strip, self._replace]  # until then an unsigned head is believed: a former release made it
        if self.random.random() < 0.1:
            self.random.choice(attacks)()
        else:
            super()._happens()

    def _row(self) -> str | None:
        keys = [key for key in self.cloud.rows if key == "STATE" or key.startswith(OURS)]
        return self.random.choice(keys) if keys else None

    def _touch(self, key: str, how: str) -> None:
        self._note("somebody", f"{how} {key}")
        if key.startswith("OUTBOX#"):
            row = decode_item({name: each for name, each in self.cloud.rows[key].items() if name == "message"})
            message = row.get("message")
            self.touched.add(message.get("id", "") if isinstance(message, dict) else "")

    def _change(self) -> None:
        """Another value in place of one."""
        key = self._row()
        if key is None:
            return
        names = [name for name in self.cloud.rows[key] if name not in {"PK", "SK"}]
        name = self.random.choice(names)
        self._touch(key, f"changes {name} of")
        self.cloud.rows[key] = {**self.cloud.rows[key], name: self.random.choice(NONSENSE)}

    def _strip(self) -> None:
        """The signature is taken away, as if an older release had written the row."""
        key = self._row()
        if key is None:
            return
        self._touch(key, "unsigns")
        self.cloud.rows[key] = {name: each for name, each in self.cloud.rows[key].items() if name != "mac"}

    def _replace(self) -> None:
        """A whole row of its own making, in a form of the far future."""
        key = self._row()
        if key is None:
            return
        self._touch(key, "replaces")
        keys = {name: each for name, each in self.cloud.rows[key].items() if name in {"PK", "SK"}}
        self.cloud.rows[key] = {**keys, "schema": {"N": "999"}, "version": {"N": "999999999998"}}

    def _add_message(self) -> None:
        """A message that nobody recorded."""
        place = f"OUTBOX#{self.random.choice(('000000000001', '999999999999', FORGED))}"
        message = {"id": {"S": FORGED}, "subject": {"S": FORGED}, "bodies": {"M": {"default": {"S": FORGED}}}}
        whole = {**message, "attributes": {"M": {}}}
        row = {"version": {"N": "1"}, "tableId": {"S": self.cloud.table_id}, "message": {"M": whole}}
        self._note("somebody", f"adds {place}")
        self.cloud.rows[place] = {"PK": {"S": "READINESS#"}, "SK": {"S": place}, "mac": {"S": "0" * 64}, **row}

    def _add_unsigned(self) -> None:
        """The same without a signature, as a former release wrote messages, in each place that it can have."""
        self._add_message()
        for key, row in self.cloud.rows.items():
            if key.startswith("OUTBOX#") and row.get("mac") == {"S": "0" * 64}:
                self.cloud.rows[key] = {name: each for name, each in row.items() if name != "mac"}

    def _lease(self) -> None:
        """A lease that no run holds, for ever or in another form."""
        keys = [key for key in self.cloud.rows if key.startswith(("OUTBOX#", "STATE#MIRROR#"))]
        if not keys:
            return
        key = self.random.choice(keys)
        self._note("somebody", f"leases {key}")
        until = self.random.choice(({"S": "9999-12-31T00:00:00.000000Z"}, {"N": "9"}, {"BOOL": True}))
        lease = {"leasedBy": {"S": FORGED}, "leaseUntil": until, "attempts": {"S": FORGED}}
        self.cloud.rows[key] = {**self.cloud.rows[key], **lease}

    def _key(self) -> None:
        """The key is deleted."""
        self._note("somebody", "deletes the key")
        self.key_deleted = True
        for name in [name for name in self.cloud.parameters if name.endswith("/key")]:
            del self.cloud.parameters[name]

    def _deny(self) -> None:
        """SSM refuses for a while."""
        self.cloud.denying = not self.cloud.denying
        self._note("SSM", "denies" if self.cloud.denying else "answers")

    def _kept(self) -> None:
        self._must(not any(FORGED in each["Subject"] for each in self.cloud.published), "a forged message was sent")
        documents = [json.loads(json.loads(each["Message"])["https"]) for each in self.cloud.published]
        said = [each for each in documents if each["id"] in self.cloud.recorded]
        sent = {each["id"] for each in said}
        self._must(not any(FORGED in str(each) for each in map(texts, documents)), "a forged message was sent")
        replaced = self.cloud.table_id != FORMER
        owed = {each for each in self.cloud.recorded if not (replaced and each.startswith(FORMER))}
        waiting = [key for key in self.cloud.rows if key.startswith("OUTBOX#")]
        self._must(not waiting, f"a message was never delivered: {waiting}")
        lost = set() if self.key_deleted else owed - self.touched - sent
        self._must(not lost, f"a page was lost: {sorted(lost)}")
        self._must(heard(said) == ("PASS" if self.cloud.recovering else "FAIL"), "the last thing told is not the truth")
        kept = [key for key in self.cloud.rows if key.startswith("REFUSED#")]
        self._must(len(kept) <= 20, "more than 20 damaged rows are kept")


class Upgraded(Forged):
    """The same on a table that a release which did not sign has left, with messages that wait.

    Until a head is signed, who may write rows can change the memory and have a message sent: they look like those of
    the former release. So attacks on them begin when the head is signed.
    """

    def _row(self) -> str | None:
        return super()._row() if "mac" in self.cloud.rows.get("STATE", {}) else None

    def _happens(self) -> None:
        if self.runs == 0:
            self._former_release()
        super()._happens()

    def _former_release(self) -> None:
        """Runs whose messages SNS refuses. They leave no signature, and no key."""
        self.cloud.refusing = True
        for _ in range(3):
            self._runs_after(timedelta(minutes=5))
            self.cloud.flip()
        self.cloud.refusing = self.random.random() < 0.5
        self.cloud.rows = {
            key: {name: each for name, each in row.items() if name != "mac"} for key, row in self.cloud.rows.items()
        }
        names = [name for name in self.cloud.parameters if name.endswith("/table-id")]
        self.cloud.parameters = dict.fromkeys(names, self.cloud.table_id)
        forget_environment()
        self._note("the former release", f"leaves {sorted(self.cloud.rows)}")


def texts(document: dict[str, Any]) -> Any:
    """A message without what it says of the rows that are not believed, which names their keys."""
    trouble = document.get("trouble") or {}
    return {**document, "trouble": {**trouble, "detail": ""}}
