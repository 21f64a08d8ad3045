"""What is said before the tests: what is replayed, from where, and under which policy. PYTEST_DONT_REWRITE"""

from collections import Counter

from pytest_llmreplay.plugin.run import Run
from pytest_llmreplay.settings import Settings
from pytest_llmreplay.traces.catalog import Catalog


def header(run: Run) -> list[str]:
    """At most two lines."""
    settings = run.settings
    network = "blocked" if settings.network == "block" else "allowed"
    line = f"llm: {settings.mode} (drift {settings.drift}), network {network}"
    words = []
    if settings.traces:
        catalog = run.sources.catalog(settings)
        line += f"; {chosen(catalog, settings)}"
        dropped = run.problems.dropped
        words += [f"{dropped:,} {'record' if dropped == 1 else 'records'} not read"] * bool(dropped)
        words += [f"passed over: {', '.join(catalog.skipped)}"] * bool(catalog.skipped)
    label = "llm" if run.baseline is None else "llm baseline"
    told = [*compared_with(run), *words]
    return [line, *[f"{label}: {'; '.join(told)}"] * bool(told)]


def chosen(catalog: Catalog, settings: Settings) -> str:
    """How many traces are replayed, and from which files."""
    formats = Counter(handle.file.container for handle in catalog.handles)
    told = ", ".join(f"{name} {count:,}" for name, count in formats.items())
    count = len(catalog.selected(settings.select)) if settings.select else len(catalog.handles)
    of = f" of {len(catalog.handles):,}" if settings.select else ""
    noun = "trace" if len(catalog.handles) == 1 else "traces"
    return f"{count:,}{of} {noun} from {', '.join(settings.traces)} ({told})"


def compared_with(run: Run) -> list[str]:
    """The baseline, when and of what it was stored; nothing where there is none."""
    then, path = run.baseline, run.settings.baseline
    if then is None or path is None:
        return []
    traces = len({case.trace_id for case in then.cases.values()})
    about = (run.shown(path), then.commit, then.created[:10], f"{traces:,} {'trace' if traces == 1 else 'traces'}")
    return [", ".join(filter(None, about))]
