"""Sessions, clients and the classification of AWS errors. `botocore` is imported only before a call."""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import urlsplit

from readiness.aws.answer import Answer
from readiness.aws.calling import CallLimit, begin
from readiness.model import Fact, Given, Gone, Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    import boto3
    from botocore.exceptions import ClientError
    from botocore.model import OperationModel
    from botocore.session import Session
    from mypy_boto3_ce import CostExplorerClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient

CONNECTIONS = 32

CONNECT = 1
"""Seconds to connect to a service whose answer a run does not wait for."""

NO_CREDENTIALS = (
    "no AWS credentials found. Set AWS_PROFILE or run `aws sso login`; see"
    " https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html"
)

REGIONAL = re.compile(r"[a-z0-9-]+\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
"""The host of an endpoint: https://docs.aws.amazon.com/general/latest/gr/rande.html"""

OFFLINE = "a snapshot judged offline makes no calls"

SHORTEST_SESSION = 900
"""Seconds: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html."""

ATTEMPTS = {"lambda": 8}
"""The maximum number of attempts of a call by service; 4 for all others. Lambda limits most control plane requests to
15 per second and account. An account with sixty functions exceeds that for seconds, and results would be UNKNOWN.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "DataUnavailableException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "OptInRequired",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)

THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "TooManyRequestsException",
    }
)

MISSING = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "PolicyNotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "TableNotFoundException",
    }
)

FORBIDDEN = 403
SERVER_ERROR_FROM = 500


class CannotStart(Exception):
    """Facts cannot be read: credentials, Region, endpoint or account are wrong. The text is one line."""


class Caller:
    """The clients of one session and Region, created at first use, and the number of their calls."""

    def __init__(self, session: "Session", region: str) -> None:
        """`session` has the configuration of boto3: profiles, environment variables and endpoints."""
        from botocore.config import Config

        from readiness.aws.parsing import Parsers

        self._session = session
        self._region = region
        self._lock = threading.RLock()  # creating a client may call STS for credentials, which is counted
        self._clients: dict[tuple[str, str], Any] = {}
        self._contexts: dict[bool | str, Any] = {}
        self._config = Config(
            connect_timeout=3, read_timeout=10, max_pool_connections=CONNECTIONS, user_agent_extra="readiness"
        )
        self.calls = 0
        session.register_component("response_parser_factory", Parsers())
        events = session.get_component("event_emitter")
        events.register("before-call", self._begin)
        events.register("after-call-error", _name_operation)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service and Region. A client is thread-safe; creating one is not."""
        where = service, region or self._region
        with self._lock:
            if where not in self._clients:
                self._clients[where] = self._create(service, where[1])
            return self._clients[where]

    def assumed(self, service: str, role: str) -> Any:
        """Return a new client with the credentials of an assumed role, which expire after 15 minutes."""
        sts = self.client("sts")
        asked = sts.assume_role(RoleArn=role, RoleSessionName="readiness", DurationSeconds=SHORTEST_SESSION)
        credentials = Answer(asked, "sts:AssumeRole").part("Credentials")
        with self._lock:
            return self._create(
                service,
                self._region,
                aws_access_key_id=credentials.need("AccessKeyId", str),
                aws_secret_access_key=credentials.need("SecretAccessKey", str),
                aws_session_token=credentials.need("SessionToken", str),
            )

    def impatient(self, service: str, region: str, seconds: float) -> Any:
        """Return a new client that waits for an answer no longer than that, and does not retry."""
        from botocore.config import Config

        once = Config(
            connect_timeout=CONNECT, read_timeout=seconds, retries={"mode": "standard", "total_max_attempts": 1}
        )
        with self._lock:
            return self._sharing(
                self._session.create_client(service, region_name=region, config=self._config.merge(once))
            )

    def _create(self, service: str, region: str, **credentials: Any) -> Any:
        from botocore.config import Config

        attempts = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS.get(service, 4)})
        config = self._config.merge(attempts)
        return self._sharing(self._session.create_client(service, region_name=region, config=config, **credentials))

    def _sharing(self, client: Any) -> Any:
        """Return the client, whose connections trust certificates by the same TLS context as those of all clients.

        botocore makes a context for each client, and urllib3 reads the file with the certificates of all authorities
        for each connection: 20 ms, and half a megabyte for each client.
        """
        http = client._endpoint.http_session  # noqa: SLF001  botocore has no setting for it
        verify, pool = http._verify, http._manager.connection_pool_kw  # noqa: SLF001
        if verify:  # without verification the context is changed to trust everybody
            if verify not in self._contexts:
                context = pool["ssl_context"]
                context.load_verify_locations = cache(context.load_verify_locations)
                self._contexts[verify] = context
            pool["ssl_context"] = self._contexts[verify]
        return client

    def _begin(self, model: "OperationModel", **_event: object) -> None:
        begin(model.name)
        with self._lock:
            self.calls += 1


def _name_operation(event_name: str, exception: Exception, **_event: object) -> None:
    """Name the operation in an error without a response, as botocore does in a ClientError."""
    exception.operation_name = event_name.rpartition(".")[2]  # type: ignore[attr-defined]


class Aws(Given, Fact):
    """The account and Region of a run, the root of all places. `who` is the ARN of the caller."""

    account: str
    region: str
    partition: str = "aws"
    who: str = ""
    caller: Caller | None = None

    if TYPE_CHECKING:

        def __post_init__(self) -> None:
            """Give `client` the types of boto3, one overload for each service."""
            self.client = boto3.client

    else:

        def client(self, service: str, region: str | None = None) -> Any:
            """Return the client of a service, in this Region by default. CannotStart: the run is offline."""
            if self.caller is None:
                raise CannotStart(OFFLINE)
            return self.caller.client(service, region)

    def assumed(self, service: Literal["ce"], role: str) -> "CostExplorerClient":
        """Return a client with the credentials of a role of any account. Unreadable: the role cannot be assumed."""
        from botocore.exceptions import ClientError

        if self.caller is None:
            raise CannotStart(OFFLINE)
        try:
            client: CostExplorerClient = self.caller.assumed(service, role)
        except ClientError as error:
            why = unavailable(error, "sts:AssumeRole")
            if isinstance(why, Unavailable):
                raise Unreadable({role: why}) from None
            raise
        return client

    @overload
    def impatient(self, service: Literal["events"], region: str, seconds: float) -> "EventBridgeClient": ...
    @overload
    def impatient(self, service: Literal["sns"], region: str, seconds: float) -> "SNSClient": ...
    def impatient(self, service: str, region: str, seconds: float) -> Any:
        """Return a new client that waits for an answer no longer than that, and does not retry."""
        if self.caller is None:
            raise CannotStart(OFFLINE)
        return self.caller.impatient(service, region, seconds)

    @property
    def calls(self) -> int:
        """The number of calls so far."""
        return self.caller.calls if self.caller else 0


def connect(region: str | None = None, *, complete: bool = False) -> Aws:
    """Return the account and Region of the boto3 configuration. CannotStart: one line that says what to do.

    The clients know the operations of a run; where `complete`, all operations of botocore, which takes longer.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.session import Session

    from readiness.aws.models import Models

    try:
        session = Session()
        if not complete:
            session.register_component("data_loader", Models())
        here = region or _configured(session)
        caller = Caller(session, here)
        identity = Answer(caller.client("sts").get_caller_identity(), "sts:GetCallerIdentity")
        account, who = identity.need("Account", str), identity.need("Arn", str)
    except Unreadable as unread:
        said = f"STS does not say which account this is: {unread.first.detail} is missing in its answer"
        raise CannotStart(said) from None
    except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: an endpoint that is not a URL
        raise CannotStart(_advice(error)) from None
    return Aws(account, here, who.split(":")[1], who, caller)


def _configured(session: "Session") -> str:
    """Return the configured Region. NoRegionError: there is none; STS would then use its global endpoint."""
    from botocore.exceptions import NoRegionError

    region: str | None = session.get_config_variable("region")
    if not region:
        raise NoRegionError
    return region


@contextmanager
def existing(what: str) -> Iterator[None]:
    """Raise Gone, "`what` does not exist", for every error code with which calls report a missing resource."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if isinstance(unavailable(error, None), Gone):
            msg = f"{what} does not exist"
            raise Gone(msg) from None
        raise


def unavailable(error: Exception, permission: str | None) -> Unavailable | Gone | None:
    """Return Gone for a missing resource, else Unavailable; None if it is not an exception of botocore."""
    if isinstance(error, CallLimit):
        return Unavailable(Reason.MALFORMED, permission, str(error))
    if "botocore.exceptions" not in sys.modules:
        return None
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        return _refused(error, permission)
    for kinds, reason in (
        ((exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError), Reason.TIMEOUT),
        ((exceptions.HTTPClientError, exceptions.ConnectionError), Reason.NO_ENDPOINT),
        ((exceptions.NoCredentialsError, exceptions.CredentialRetrievalError), Reason.ACCESS_DENIED),
        ((exceptions.ParamValidationError, exceptions.UnknownServiceError), Reason.SDK_TOO_OLD),
        ((exceptions.BotoCoreError,), Reason.MALFORMED),
    ):
        if isinstance(error, kinds):
            return Unavailable(reason, permission, type(error).__name__)
    return None


def _refused(error: "ClientError", permission: str | None) -> Unavailable | Gone:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in MISSING or type(error).__name__ in MISSING:
        return Gone(f"{error.operation_name}: it does not exist")
    if code in DENIED or status == FORBIDDEN:
        return Unavailable(Reason.ACCESS_DENIED, permission, code)
    if code in THROTTLED or code.startswith("Throttl"):
        return Unavailable(Reason.THROTTLED, permission, code)
    if status >= SERVER_ERROR_FROM or code in {"InternalServerError", "ServiceException"}:
        return Unavailable(Reason.SERVER_ERROR, permission, code)
    return Unavailable(Reason.MALFORMED, permission, code)


def _unreachable(error: Exception) -> str:
    """Return one line about an endpoint that does not answer; a Region that does not exist is named."""
    from botocore.session import Session

    url = str(getattr(error, "kwargs", {}).get("endpoint_url", ""))
    host = urlsplit(url).hostname or ""
    named = REGIONAL.fullmatch(host)
    if named is None:
        return f"cannot reach AWS: {error}"
    session = Session()
    known = (session.get_available_regions("sts", each) for each in session.get_available_partitions())
    why = str(error) if any(named[1] in regions for regions in known) else f'no such Region "{named[1]}"'
    return f"cannot reach {host}: {why}"


def _advice(error: Exception) -> str:
    """Return one line about a failed GetCallerIdentity, with the remediation if it is known."""
    from botocore import exceptions

    advice: tuple[tuple[type[Exception], Callable[[Any], str]], ...] = (
        (exceptions.NoCredentialsError, lambda _: NO_CREDENTIALS),
        (exceptions.PartialCredentialsError, lambda e: f"AWS credentials are incomplete: {e}"),
        (exceptions.ProfileNotFound, lambda e: f"{e}: see `aws configure list-profiles`"),
        (exceptions.NoRegionError, lambda _: "no AWS Region: set AWS_DEFAULT_REGION, or `region` in the profile"),
        (exceptions.ConnectionError, _unreachable),
        (exceptions.HTTPClientError, _unreachable),
    )
    for kind, say in advice:
        if isinstance(error, kind):
            return say(error)
    if isinstance(error, exceptions.ClientError):
        code = error.response.get("Error", {}).get("Code", "unknown")
        why = _refused(error, None)
        if isinstance(why, Unavailable) and why.reason is Reason.ACCESS_DENIED:
            return f"AWS refused the credentials ({code}): log in again, or choose another profile"
        return f"AWS can't be called: STS answers {code}"
    return f"AWS can't be called: {error}"
