"""Every provider that is registered passes the suite, through its real SDK."""

import pytest

from pytest_llmreplay import registry
from pytest_llmreplay.testing import Conformance, Driver
from tests.providers.drivers import DRIVERS


@pytest.fixture(scope="module", params=DRIVERS, ids=lambda driver: driver.label)
def driver(request: pytest.FixtureRequest) -> Driver:
    found: Driver = request.param
    return found


def test_every_provider_has_a_driver() -> None:
    assert {driver.provider for driver in DRIVERS} == registry.BUILT_IN["providers"].keys()


class TestEveryProvider(Conformance):
    """The suite, once for each driver."""
