"""What OpenAI's wire APIs share: tools, parts of messages, counts, errors. PYTEST_DONT_REWRITE

Source: the OpenAI API reference.
"""

import re
from collections.abc import Mapping
from typing import Any

from pytest_llmreplay.model.call import Answer, ApiError, Call, Media, Other, Part, Refusal, Text, Tool, Usage
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers import _body
from pytest_llmreplay.providers._json import dumps, inline, made_up, media

NAMES = {"max_completion_tokens": "max_tokens", "stop": "stop_sequences", "n": "choice.count"}
"""Parameters that the GenAI conventions call otherwise."""
ERRORS = {400: "invalid_request_error", 401: "invalid_request_error", 403: "invalid_request_error",
          404: "invalid_request_error", 422: "invalid_request_error", 500: "server_error", 503: "server_error",
          }  # fmt: skip
"""Error types by status, for a trace that does not say."""
SYSTEMS = frozenset({"azure", "deepseek", "openrouter", "x_ai", "xai", "perplexity", "groq", "cerebras", "together"})
"""Provider words of spans of compatible hosts."""
REASONS = re.compile(r"(^|/)(o\d|gpt-5)")
"""Models that take no temperature."""
DETAILS = ("system_fingerprint", "service_tier")
"""Members of an answer that are kept as they came."""


def with_model(body: Object, request: WireRequest) -> Object:
    """A request body with its model, which Azure names in the path only."""
    if "model" in body or "/deployments/" not in request.path:
        return body
    return {**body, "model": request.path.partition("/deployments/")[2].partition("/")[0]}


def flat(body: Object) -> Object:
    """The SDK's keyword arguments as they are sent: those of ``extra_body`` stand among them."""
    if "extra_body" not in body:
        return body
    return {k: v for k, v in {**body, **members(body["extra_body"])}.items() if k != "extra_body"}


def parts(content: Any) -> tuple[Part, ...]:
    """Message content: text, or a list of typed parts."""
    if isinstance(content, str):
        return (Text(content),) if content else ()
    return tuple(content_part(each) for each in items(content))


def content_part(each: Any) -> Part:
    """One typed part of a message's content, as chat completions or as Responses write it."""
    if isinstance(each, str):
        return Text(each)
    each = members(each)
    kind = text(each.get("type")) or "unknown"
    if kind in ("text", "input_text", "output_text"):
        return Text(text(each.get("text")) or "")
    if kind == "refusal":
        return Refusal(text(each.get("refusal")) or "")
    if kind in ("image_url", "input_image", "image"):
        value = each.get("image_url") or each.get("file_id")
        return media("image", members(value).get("url") or value)
    if kind == "input_audio":
        return inline("audio", text(members(each.get("input_audio")).get("data")) or "")
    if kind in ("file", "input_file"):
        inner = members(each.get("file")) or each
        data = text(inner.get("file_data"))
        return media("file", data) if data else Media("file", place_of(inner))
    if kind == "video_url":
        return media("video", members(each.get("video_url")).get("url"))
    return Other(kind, {k: v for k, v in each.items() if v is not None})


def place_of(file: Object) -> str:
    """Where a file is that does not stand in the request."""
    return text(file.get("file_url")) or text(file.get("file_id")) or dumps(file)


def inputs(given: Any) -> list[Any]:
    """Each of the prompts or inputs of a request; a list of numbers is one, as the tokens of a text."""
    tokens = isinstance(given, list) and bool(given) and all(isinstance(each, int) for each in given)
    return given if isinstance(given, list) and not tokens else [given]


def parameter(name: str, value: Any) -> tuple[str, JSON]:
    """A parameter under its GenAI name; one stop word is a list of one."""
    return NAMES.get(name, name), [value] if name == "stop" and isinstance(value, str) else value


def tool(each: Any) -> Tool:
    """A tool or a legacy function of a request."""
    each = members(each)
    kind = each.get("type", "function")
    inner = members(each.get("function") or each.get("custom")) or each
    rest = {k: v for k, v in inner.items() if k not in ("name", "description", "parameters", "type") and v is not None}
    if kind != "function":
        rest["type"] = kind
    name = text(inner.get("name")) or str(kind)
    return Tool(name, text(inner.get("description")), inner.get("parameters"), rest or None)


def head(call: Call, answer: Answer, kind: str, prefix: str) -> dict[str, JSON]:
    """The members that a completion and its chunks share; ``prefix`` begins an id that is made up."""
    return {
        "id": answer.id or made_up(answer.seed, prefix),
        "object": kind,
        "created": answer.created,
        "model": answer.model or call.model or "",
        **{k: v for k, v in answer.details.items() if k in DETAILS},
    }


def usage_of(usage: Any) -> Usage | None:
    """Token counts of an answer; ``prompt_tokens`` holds the cached ones, as in the GenAI conventions."""
    return usage_named(usage, "prompt", "completion")


def usage_named(usage: Any, read: str, written: str) -> Usage | None:
    """Token counts by the words that an API has for what was read and what was written."""
    if not isinstance(usage, Mapping):
        return None
    return Usage(
        input=integer(usage.get(f"{read}_tokens")),
        output=integer(usage.get(f"{written}_tokens")),
        cache_read=integer(members(usage.get(f"{read}_tokens_details")).get("cached_tokens")),
        reasoning=integer(members(usage.get(f"{written}_tokens_details")).get("reasoning_tokens")),
    )


def usage_body(usage: Usage | None) -> dict[str, JSON] | None:
    """Token counts as this API writes them."""
    if usage is None or (usage.input is None and usage.output is None):
        return None
    read, written = usage.input or 0, usage.output or 0
    body: dict[str, JSON] = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    if usage.cache_read is not None:
        body["prompt_tokens_details"] = {"cached_tokens": usage.cache_read}
    if usage.reasoning is not None:
        body["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    return body


def usage_told(call: Call, answer: Answer, index: int) -> dict[str, JSON]:
    """What the last chunk tells of the usage without being asked; Groq has a member of its own for it."""
    last = index == len(answer.choices) - 1
    if not (last and answer.usage_in_stream) or call.options.get("include_usage"):
        return {}
    usage = usage_body(answer.usage)
    if "x_groq" in answer.details:
        return {"x_groq": {"id": made_up(answer.seed, "req_"), "usage": usage}}
    return {"usage": usage}


def error_of(response: WireResponse) -> ApiError:
    """The error of a response."""
    body = _body.problem(response.body)
    inner = members(members(body).get("error")) or members(body)
    kind = inner.get("type") or inner.get("code")
    return _body.api_error(response.status, body, kind, text(inner.get("message")))


def error_response(error: ApiError) -> WireResponse:
    """An error as these APIs give it."""
    own = isinstance(error.body, Mapping) and "error" in error.body and error.body.get("type") != "error"
    kind = error.type or ERRORS.get(error.status)
    code = None if kind else error.status  # which compatible hosts give where there is no type
    body = error.body if own else {"error": {"message": error.message, "type": kind, "param": None, "code": code}}
    return _body.reply(body, error.status, _body.NO_RETRY)
