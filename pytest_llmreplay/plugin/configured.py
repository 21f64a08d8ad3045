"""What the command line and the configuration file say, as settings. PYTEST_DONT_REWRITE"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from _pytest.config.findpaths import load_config_dict_from_file

from pytest_llmreplay.errors import UsageProblem, nearest
from pytest_llmreplay.model.policy import Drift, Mode
from pytest_llmreplay.plugin.given import boundaries, finders, gates_of, patterns, pins, rules, selections
from pytest_llmreplay.plugin.options import OPTIONS
from pytest_llmreplay.settings import (
    Network,
    Settings,
    Tolerate,
    ci_variable,
    one_of,
    report_target,
    seed,
    whole_number,
)

if TYPE_CHECKING:
    from pytest_llmreplay.report.gates import Gate


def settings_of(config: pytest.Config) -> Settings:
    """Command line before ini before default. Raises UsageProblem for a value or an ini key that does not exist."""
    check_ini(config)
    ci = ci_variable(os.environ)
    return Settings(ci=ci, **for_replay(config, ci), **for_reports(config), **for_files(config, ci))


def value(config: pytest.Config, name: str) -> Any:
    """What the command line says, or else the configuration file."""
    given = config.getoption(f"llm_{name}", None)
    return given if given is not None else config.getini(f"llm_{name}")


def for_replay(config: pytest.Config, ci: str | None) -> Mapping[str, Any]:
    """What says which traces are replayed, and how."""
    strict = str(value(config, "strict_load") or "").lower()
    if strict not in ("", "true", "false", "1", "0"):
        one_of(strict, Literal["true", "false"], "llm_strict_load")
    mode: Mode = one_of(value(config, "mode") or "replay", Mode, "--llm-mode")
    open_to = "allow" if mode in ("live", "record") else "block"
    return {
        "traces": tuple(value(config, "traces")),
        "base": base(config),
        "select": selections(value(config, "select")),
        "refresh": refreshing(config, mode),
        "mode": mode,
        "seeds": tuple(seed(each) for each in value(config, "seed")),
        "runs": whole_number(value(config, "runs"), "--llm-runs") or 1,
        "pin": pins(config.getini("llm_pin")),
        "drift": one_of(value(config, "drift") or "fail", Drift, "--llm-drift"),
        "network": one_of(value(config, "network") or open_to, Network, "--llm-network"),
        "network_allow": tuple(config.getini("llm_network_allow")),
        "app": value(config, "app") or None,
        "ignore": tuple(config.getini("llm_ignore")),
        "patch": boundaries(config.getini("llm_patch")),
        "until": whole_number(value(config, "until"), "--llm-until"),
        "strict_load": strict not in ("false", "0"),
        "strict_repairs": strict in ("true", "1") or ci is not None,
    }


def for_reports(config: pytest.Config) -> Mapping[str, Any]:
    """What says what the run is compared with and held to, and what is written of it."""
    gates = gates_of(config.getini("llm_gate"))
    tolerate = one_of(value(config, "tolerate") or "none", Tolerate, "llm_tolerate")
    needs_a_gate(tolerate, gates)
    unclear = one_of(value(config, "unclear") or "warn", Literal["warn", "error"], "llm_unclear")
    reports = tuple(report_target(each, config.invocation_params.dir) for each in value(config, "report"))
    save = path_of(value(config, "baseline_save"), config)
    once_each([*(("--llm-report", each.path) for each in reports), *[("--llm-baseline-save", save)] * bool(save)])
    return {
        "reports": reports,
        "step_summary": Path(summary) if (summary := os.environ.get("GITHUB_STEP_SUMMARY")) else None,
        "baseline": path_of(value(config, "baseline"), config),
        "baseline_save": save,
        "gates": gates,
        "unclear_fails": unclear == "error",
        "tolerate": tolerate,
    }


def once_each(targets: Sequence[tuple[str, Path | None]]) -> None:
    """Raise UsageProblem where two files of the run would be written to one path."""
    seen: dict[Path | None, str] = {}
    for option, path in targets:
        if path in seen:
            raise UsageProblem(f"{option}: {path} is written by {seen[path]} already; give each a path of its own")
        seen[path] = option


def for_files(config: pytest.Config, ci: str | None) -> Mapping[str, Any]:
    """What says how files are written, and where."""
    return {
        "cache": config.rootpath / ".llm" / "cache",
        **for_snapshots(config, ci),
        "redact": patterns(config.getini("llm_redact")),
        "finders": finders(config.getini("llm_pii")),
        "keep_failed": path_of(value(config, "keep_failed"), config),
        "allow_secrets": truth(value(config, "allow_secrets"), "llm_allow_secrets"),
    }


def for_snapshots(config: pytest.Config, ci: str | None) -> Mapping[str, Any]:
    """What says how snapshots are compared and written. Raises UsageProblem for a change under CI."""
    said = {name: truth(value(config, name), f"llm_{name}") for name in ("update", "update_new", "review", "prune")}
    for name, on in said.items():
        if on and ci:
            flag = f"--llm-{name.replace('_', '-')}"
            advice = "approve snapshots where somebody looks at them, and commit them"
            raise UsageProblem(f"{flag}: refused under CI ({ci} is set); {advice}")
    ways = [word for line in config.getini("llm_snapshot_normalise") for word in line.split()]
    unused = one_of(value(config, "unused") or "warn", Literal["warn", "error"], "llm_unused")
    values = path_of(value(config, "values"), config)
    return {
        "values": values,
        "update": "keep" if values else "all" if said["update"] else "new" if said["update_new"] else "none",
        "review": said["review"],
        "prune": said["prune"],
        "unused_fails": unused == "error",
        "snapshot_rules": rules(config.getini("llm_snapshot_ignore"), ways),
    }


def truth(given: object, name: str) -> bool:
    """Whether a flag is set, on the command line or by a word. Raises UsageProblem."""
    return bool(given) and (given is True or one_of(str(given).lower(), Literal["true", "false"], name) == "true")


def refreshing(config: pytest.Config, mode: Mode) -> bool:
    """Whether what a case holds is asked anew. Raises UsageProblem in another mode than ``record``."""
    wanted = truth(value(config, "refresh"), "llm_refresh")
    if wanted and mode != "record":
        raise UsageProblem("--llm-refresh needs --llm-mode=record")
    return wanted


def base(config: pytest.Config) -> Path:
    """What the paths of traces are relative to: the working directory, or the folder of the configuration file."""
    if config.getoption("llm_traces", None) is not None:
        return config.invocation_params.dir
    return config.inipath.parent if config.inipath else config.rootpath


def needs_a_gate(tolerate: str, gates: "Sequence[Gate]") -> None:
    """Raise UsageProblem where failures would be tolerated without a limit."""
    if tolerate != "none" and not any(each.name == "pass_rate" for each in gates):
        example = "llm_gate = pass_rate >= 90%"
        raise UsageProblem(f"llm_tolerate = {tolerate} needs a gate on the pass rate, such as {example}")


def path_of(given: str, config: pytest.Config) -> Path | None:
    """A path of the command line or of the configuration file; None where nothing was given."""
    return config.invocation_params.dir / given if given else None


def check_ini(config: pytest.Config) -> None:
    """Raise UsageProblem for a key of the configuration file that looks like ours and is not."""
    if config.inipath is None:
        return
    known = [option.dest for option in OPTIONS]
    for key in load_config_dict_from_file(config.inipath) or ():
        if key.startswith("llm_") and key not in known:
            raise UsageProblem(f"{config.inipath}: no key {key!r}{nearest(key, known)}")
