"""HTTP clients: `client` for JSON over HTTP, `rabbitmq_management` for RabbitMQ, `streaming` for NDJSON both ways."""

from concord_http.address import ServerAddress
from concord_http.client import HttpClient, Limits
from concord_http.errors import (
    HttpError,
    InvalidJsonError,
    InvalidRequestError,
    InvalidResponseError,
    RequestTimeoutError,
    ResponseTooLargeError,
    UnexpectedStatusError,
    UnreachableError,
)
from concord_http.response import Response
