"""The parameters of one table in SSM: its TableId, which tells a replaced table from a deleted memory, and the key."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.model import Reason, Unavailable
from readiness.state.store.errors import StoreUnavailable, explained

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

READ = "ssm:GetParameter"
WRITE = "ssm:PutParameter"
KEY_BYTES = 32
SIGNED = "signed"

_keys: dict[str, bytes] = {}
"""The signing keys that this execution environment has read, by the name of the parameter."""


class Registered(Struct, frozen=True):
    """The content of the parameter. `signed`: all rows are signed, so an unsigned one is damage."""

    table_id: str
    signed: bool = False


class Parameters(Struct, frozen=True):
    """The parameters of the table with that name. Each method can raise StoreUnavailable.

    `kms_key` is the KMS key that encrypts a signing key made here; if empty, the account's default key for parameters.
    """

    client: "SSMClient"
    account: str
    region: str
    table: str
    kms_key: str = ""

    @property
    def table_id_name(self) -> str:
        """Return `/readiness/<account>/<region>/<table>/table-id`."""
        return f"/readiness/{self.account}/{self.region}/{self.table}/table-id"

    @property
    def former_name(self) -> str:
        """Return the name of the same parameter in releases that did not sign rows."""
        return f"/readiness/{self.region}/{self.table}/table-id"

    @property
    def key_name(self) -> str:
        """Return `/readiness/<account>/<region>/<table>/key`."""
        return f"/readiness/{self.account}/{self.region}/{self.table}/key"

    def read(self) -> Registered | None:
        """Return what is registered of the table; None if nothing was ever written, or all was purged."""
        value = self._get(self.table_id_name) or self._get(self.former_name)
        if value is None:
            return None
        table_id, _, signed = value.partition(" ")
        return Registered(table_id, signed == SIGNED)

    def write(self, registered: Registered) -> None:
        """Write the TableId, and overwrite a former value."""
        value = f"{registered.table_id} {SIGNED}" if registered.signed else registered.table_id
        with explained(WRITE):
            self.client.put_parameter(Name=self.table_id_name, Value=value, Type="String", Overwrite=True)

    def key(self, *, fresh: bool = False) -> bytes | None:
        """Return the signing key; None if it does not exist. An execution environment reads it once, unless `fresh`."""
        if fresh:
            _keys.pop(self.key_name, None)
        if self.key_name not in _keys:
            value = self._get(self.key_name, decrypted=True)
            if value is None:
                return None
            _keys[self.key_name] = self._decoded(value)
        return _keys[self.key_name]

    def make_key(self) -> bytes:
        """Return the signing key, and create it if it does not exist. If another run was faster, return its key."""
        key = self.key()
        if key is not None:
            return key
        import secrets

        with explained(WRITE):
            try:
                value = secrets.token_hex(KEY_BYTES)
                kms: Any = {"KeyId": self.kms_key} if self.kms_key else {}
                self.client.put_parameter(Name=self.key_name, Value=value, Type="SecureString", Overwrite=False, **kms)
            except self.client.exceptions.ParameterAlreadyExists:
                key = self.key(fresh=True)
            else:
                key = _keys[self.key_name] = bytes.fromhex(value)
        if key is None:
            raise StoreUnavailable(Unavailable(Reason.STALE, READ, f"{self.key_name} exists and is not found"))
        return key

    def delete(self) -> None:
        """Delete all parameters. Has no effect on those that do not exist."""
        _keys.pop(self.key_name, None)
        for name in (self.table_id_name, self.former_name, self.key_name):
            with explained("ssm:DeleteParameter"):
                try:
                    self.client.delete_parameter(Name=name)
                except self.client.exceptions.ParameterNotFound:
                    continue

    def _get(self, name: str, *, decrypted: bool = False) -> str | None:
        with explained(READ):
            try:
                answer = Answer(self.client.get_parameter(Name=name, WithDecryption=decrypted), READ)
                return answer.part("Parameter").need("Value", str)
            except self.client.exceptions.ParameterNotFound:
                return None

    def _decoded(self, value: str) -> bytes:
        try:
            key = bytes.fromhex(value)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            why = f"{self.key_name} does not hold {2 * KEY_BYTES} hexadecimal digits"
            raise StoreUnavailable(Unavailable(Reason.MALFORMED, READ, why))
        return key
