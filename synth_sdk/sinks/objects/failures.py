"""What S3 and boto3 say when something goes wrong, in one line without secrets."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from synth_sdk.core.errors import WriteError
from synth_sdk.core.redact import redact_url
from synth_sdk.sinks.objects.address import Address

_REFUSED = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "AuthFailure",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
)
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_FORBIDDEN = ("AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403")
_ELSEWHERE = (
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "TemporaryRedirect",
    "301",
)
_BUSY = ("SlowDown", "ServiceUnavailable", "InternalError", "500", "503")
_MISSING = ("404", "NoSuchKey", "NotFound")
_LONGEST = 200


class S3Error(WriteError):
    """S3 can't, or won't: `code` is its own word, or the name of what boto3 raised. `unsure`: it may have done it all the same."""

    def __init__(self, message: str, code: str = "", *, unsure: bool = False) -> None:
        super().__init__(message)
        self.code, self.unsure = code, unsure

    @property
    def missing(self) -> bool:
        """There is no such object."""
        return self.code in _MISSING


@contextmanager
def told(address: Address, action: str, endpoint: str = "") -> Iterator[None]:
    """Turn what boto3 raises into S3Error. `action` is the permission that is used, such as s3:PutObject."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        HTTPClientError,
        ProxyConnectionError,
        SSLError,
    )

    never_sent = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError, SSLError)
    try:
        yield
    except ClientError as error:
        code = _code(error.response)
        raise S3Error(_answered(error.response, address, action), code, unsure=code in _BUSY) from None
    except (BotoCoreError, Boto3Error, ValueError, OSError) as error:
        unsure = isinstance(error, HTTPClientError | OSError) and not isinstance(error, never_sent)
        raise S3Error(_unanswered(error, address, endpoint), type(error).__name__, unsure=unsure) from None


def _code(response: Any) -> str:
    return str(response.get("Error", {}).get("Code", ""))


def _answered(response: Any, address: Address, action: str) -> str:
    code, bucket = _code(response), address.bucket
    if code == "NoSuchBucket":
        return f"there is no bucket {bucket!r}; create it, or name another"
    if code in _REFUSED:
        return f"the credentials aren't accepted ({code}); check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    if code in _EXPIRED:
        return f"the credentials have expired ({code}); sign in again"
    if code in _FORBIDDEN:
        return f"forbidden: these credentials lack {action} there; have it granted (docs/s3.md lists what is needed)"
    if code in _ELSEWHERE:
        return f"bucket {bucket!r} is in {_region(response)}; say so with ?region= or AWS_REGION"
    if code in _BUSY:
        return f"S3 is busy or failing ({code}); try again"
    if code == "NoSuchUpload":
        return "somebody else ended the upload; try again"
    if code == "RequestTimeTooSkewed":
        return "the clock of this machine is wrong; set it"
    return f"S3 says {code}: {_line(response.get('Error', {}).get('Message', ''))}"


def _region(response: Any) -> str:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    found = headers.get("x-amz-bucket-region") or response.get("Error", {}).get("Region")
    return f"region {found}" if found else "another region"


def _unanswered(error: Exception, address: Address, endpoint: str) -> str:
    from botocore import exceptions

    server = redact_url(endpoint or address.endpoint_url or "S3", tokens_in_path=False)
    match error:
        case exceptions.NoCredentialsError():
            return "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where a role is given"
        case exceptions.PartialCredentialsError():
            return "the AWS credentials are incomplete: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together"
        case exceptions.ProfileNotFound() | exceptions.InvalidConfigError() | exceptions.ConfigParseError():
            return f"the AWS configuration can't be used: {_line(error)}"
        case exceptions.CredentialRetrievalError() | exceptions.SSOError() | exceptions.TokenRetrievalError():
            return f"AWS credentials can't be had ({type(error).__name__}); sign in again"
        case exceptions.EndpointConnectionError() | exceptions.ConnectTimeoutError() | exceptions.ProxyConnectionError():
            return f"no server answers at {server}; check endpoint_url or AWS_ENDPOINT_URL, and the network"
        case exceptions.SSLError():
            return f"no safe connection to {server}; check its certificate, or AWS_CA_BUNDLE"
        case exceptions.HTTPClientError() | OSError():
            return f"the connection to {server} was lost; try again"
        case exceptions.ParamValidationError():
            return f"{address.bucket!r} is no name of a bucket; write 3 to 63 letters, digits, dots and hyphens"
    return _line(error)


def _line(words: object) -> str:
    return " ".join(str(words).split())[:_LONGEST]
