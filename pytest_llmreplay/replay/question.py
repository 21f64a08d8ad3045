"""Whose a request is, and the model call that it makes. PYTEST_DONT_REWRITE"""

from typing import Final

from pytest_llmreplay import registry
from pytest_llmreplay.model.call import Call
from pytest_llmreplay.model.wire import WireRequest
from pytest_llmreplay.providers.protocol import Provider

NOT_CLAIMED: Final = "no provider knows this request, and nothing leaves the process during a replay"


def provider_for(wire: WireRequest) -> Provider | None:
    """The provider that claims a request, or None."""
    return next((each for each in registry.every("providers") if each.claims(wire)), None)


def question(provider: Provider | None, wire: WireRequest) -> tuple[Call | None, str]:
    """The model call of a request; None for one that is none, and why its body cannot be read."""
    if provider is None:
        return None, NOT_CLAIMED
    try:
        return provider.call(wire), ""
    except ValueError as error:
        return None, str(error)
