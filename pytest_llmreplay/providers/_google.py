"""What Google's wire APIs share: hints of spans, names of models, errors. PYTEST_DONT_REWRITE

Source: the Gemini API reference, "Errors" (``google.rpc.Status``).
"""

from pytest_llmreplay.model.call import ApiError
from pytest_llmreplay.model.jsonvalue import JSON, items, members, text
from pytest_llmreplay.model.wire import WireResponse
from pytest_llmreplay.providers import _body

SYSTEMS = ("google", "gemini", "vertex", "gcp")
"""Words that the provider names of Gemini's spans hold."""
STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
          429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE",
          504: "DEADLINE_EXCEEDED"}  # fmt: skip
"""Error words by status, for a trace that does not say (google.rpc.Code)."""


def plain_model(name: str | None) -> str | None:
    """A model's name without the path to it."""
    return name.rpartition("models/")[2] if name and not name.startswith("tunedModels/") else name


def error_of(response: WireResponse) -> ApiError:
    """The error of a response; a stream that is a list gives it in one."""
    body = _body.problem(response.body)
    body = items(body)[0] if items(body) else body
    inner = members(members(body).get("error"))
    return _body.api_error(response.status, body, text(inner.get("status")), text(inner.get("message")))


def error_response(error: ApiError) -> WireResponse:
    """An error as this API gives it."""
    inner = members(members(error.body).get("error"))
    word = error.type if error.type and error.type.isupper() else STATUS.get(error.status, "UNKNOWN")
    made: JSON = {"error": {"code": error.status, "message": error.message, "status": word}}
    body = error.body if "code" in inner and "status" in inner else made
    return _body.reply(body, error.status)
