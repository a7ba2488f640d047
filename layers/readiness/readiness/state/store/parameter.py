"""The one thing remembered outside the table: which table it was. It tells a replaced table from a lost memory."""

from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.state.store.errors import explained

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class TableIdParameter(Struct, frozen=True):
    """The `TableId` first seen under the table's name, kept in SSM. Every method may raise StoreUnavailable."""

    client: "SSMClient"
    region: str
    table: str

    @property
    def name(self) -> str:
        """`/readiness/<region>/<table>/table-id`."""
        return f"/readiness/{self.region}/{self.table}/table-id"

    def read(self) -> str | None:
        """None: it was never written, or purged."""
        with explained("ssm:GetParameter"):
            try:
                answer = Answer(self.client.get_parameter(Name=self.name), "ssm:GetParameter")
                return answer.part("Parameter").need("Value", str)
            except self.client.exceptions.ParameterNotFound:
                return None

    def write(self, table_id: str) -> None:
        """Whatever it said before."""
        with explained("ssm:PutParameter"):
            self.client.put_parameter(Name=self.name, Value=table_id, Type="String", Overwrite=True)

    def delete(self) -> None:
        """Nothing happens where there is none."""
        with explained("ssm:DeleteParameter"):
            try:
                self.client.delete_parameter(Name=self.name)
            except self.client.exceptions.ParameterNotFound:
                return
