"""What a run is told to do with calls, with differences and with snapshots. PYTEST_DONT_REWRITE"""

from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["replay", "seeded", "live", "record"]
"""Who answers model calls: the trace, a choice among recorded answers, the provider, or the provider for a new case."""
Drift: TypeAlias = Literal["fail", "serve", "fork"]
"""What a call gets that differs from its step: no answer, the recorded one, or, from there on, live or seeded ones."""
Update: TypeAlias = Literal["none", "new", "all", "keep"]
"""Which snapshots are written: none, missing ones, or all; ``keep``: none is compared, each is kept for later."""
