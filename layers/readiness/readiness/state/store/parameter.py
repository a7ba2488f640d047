"""The TableId of the table, stored outside it. It tells a replaced table from a deleted memory."""

from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.state.store.errors import explained

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class TableIdParameter(Struct, frozen=True):
    """The `TableId` of the table with that name, kept in SSM. Each method can raise StoreUnavailable."""

    client: "SSMClient"
    region: str
    table: str

    @property
    def name(self) -> str:
        """Return `/readiness/<region>/<table>/table-id`."""
        return f"/readiness/{self.region}/{self.table}/table-id"

    def read(self) -> str | None:
        """Return the TableId; None if it was never written, or was purged."""
        with explained("ssm:GetParameter"):
            try:
                answer = Answer(self.client.get_parameter(Name=self.name), "ssm:GetParameter")
                return answer.part("Parameter").need("Value", str)
            except self.client.exceptions.ParameterNotFound:
                return None

    def write(self, table_id: str) -> None:
        """Write the TableId, and overwrite a former value."""
        with explained("ssm:PutParameter"):
            self.client.put_parameter(Name=self.name, Value=table_id, Type="String", Overwrite=True)

    def delete(self) -> None:
        """Delete the parameter. Has no effect if it does not exist."""
        with explained("ssm:DeleteParameter"):
            try:
                self.client.delete_parameter(Name=self.name)
            except self.client.exceptions.ParameterNotFound:
                return
