"""The sentences that the command line tells (src/runs/words)."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Union

from .state import EpochState, ModelState, Movement, RunState
from .verdict import adds_up, verdict_of

_NAMED = 5


def verdict_sentence(state: RunState) -> str:
    """The verdict over the run: "14 frozen tensors intact over 10 epochs." """
    verdict = verdict_of(state)
    if verdict.kind == "moved":
        moved = [_movement_text(state, each) for each in state.movements.values()]
        what = f"{counted(len(moved), 'frozen tensor')} moved: {_cut_list(moved, _NAMED)}"
        return _sentence([what, *end_clauses(state)])
    if verdict.kind == "not verified":
        return _sentence([f"Not verified: {verdict.reason}", *end_clauses(state)])
    if verdict.kind == "intact":
        models = sum(map(_has_verified_frozen, state.models))
        of = f" of {counted(models, 'model')}" if models > 1 else ""
        what = (
            f"{counted(verdict.tensors, 'frozen tensor')}{of} intact over "
            f"{counted(verdict.epochs, 'epoch')}"
        )
        return _sentence(
            [what, *_rebased_clauses(state), *_batch_norm_clauses(state), *end_clauses(state)]
        )
    if verdict.kind == "nothing frozen":
        why = (
            "no rule froze a tensor in the epochs that ran" if state.rules else "there are no rules"
        )
        return _sentence([f"Nothing was frozen: {why}", *end_clauses(state)])
    if verdict.kind == "no model":
        return _sentence([f"No model was seen: {_no_model_reason(state)}", *end_clauses(state)])
    if not state.models:
        return "No model has been seen yet."
    return "No epoch has been verified yet."


def epoch_line(model: ModelState, epoch: EpochState) -> str:
    """One epoch's verdict: "epoch 2/10: 14 frozen intact"."""
    total = "" if model.total_epochs is None else f"/{model.total_epochs:,}"
    return f"epoch {epoch.epoch:,}{total}: {_epoch_verdict(model, epoch)}"


def counted(count: int, noun: str) -> str:
    """`1 tensor`, `2 tensors`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def end_clauses(state: RunState) -> Sequence[str]:
    """What the end of the run takes from its verdict: `the command failed (exit code 1)`."""
    active = max(
        reversed(state.models),
        key=lambda each: each.epochs[-1].started_at if each.epochs else 0,
        default=None,
    )
    last = active.epochs[-1] if active is not None and active.epochs else None
    where = ""
    if last is not None and last.milliseconds is None and last.verification is None:
        where = f" in epoch {last.epoch:,}, which was not verified"
    if state.status == "failed":
        return [f"the command failed ({_failure(state)}){where}"]
    if state.status == "cancelled":
        return [f"the run was cancelled{where}"]
    if state.status == "lost":
        return [f"the command was killed or its end was not seen{where}"]
    if state.status == "stopped" and state.movements:
        return ["training was stopped"]
    return []


def _epoch_verdict(model: ModelState, epoch: EpochState) -> str:
    found = epoch.verification
    frozen = model.frozen.at(epoch.epoch)
    if found is None:
        return "nothing frozen" if frozen == 0 else f"{frozen:,} frozen, not verified"
    findings, intact = found["findings"], found["intact"]
    texts = [_finding_text(each) for each in findings]
    if not adds_up(model, epoch):
        told = intact + len(findings)
        what = f"not verified ({told:,} compared, but {frozen:,} frozen)"
        return "; ".join([*texts[:_NAMED], what])
    if not findings:
        parts = ["nothing frozen" if intact == 0 else f"{intact:,} frozen intact"]
    else:
        parts = [_cut_list(texts, _NAMED), f"{intact:,} intact"]
    return "; ".join([*parts, *_batch_norm_parts(_batch_modules(epoch))])


def _finding_text(finding: dict[str, Any]) -> str:
    name, verdict = finding["name"], finding["verdict"]
    if verdict == "moved":
        return f"{name} moved{_details(finding)}"
    if verdict == "rebased":
        return f"{name} rebased ({_cause_text(finding['cause'])})"
    if verdict == "replaced":
        return f"{name} replaced (another tensor bears the name)"
    if verdict == "missing":
        return f"{name} missing"
    return f"{name} not verified ({finding['reason']})"


def _details(finding: dict[str, Any]) -> str:
    """By how much a tensor moved and why, in parentheses; empty when unknown."""
    parts = []
    if finding["elements"] is not None:
        delta = finding["maxDelta"]
        size = "" if delta is None else f", max |Δ| {_format_delta(delta)}"
        parts.append(f"{counted(finding['elements'], 'element')}{size}")
    if finding.get("cause"):
        parts.append(_cause_text(finding["cause"]))
    return f" ({'; '.join(parts)})" if parts else ""


def _format_delta(delta: Union[float, str]) -> str:
    """In two digits and as JavaScript writes it: `1.0e-7`, `2.5e+0`."""
    if isinstance(delta, str):
        return delta
    digits, exponent = f"{delta:.1e}".split("e")
    return f"{digits}e{int(exponent):+d}"


def _cause_text(cause: dict[str, Any]) -> str:
    """A cause with its place: `layer.setWeights() was called at train.js:31`."""
    text, file, line = cause.get("text", ""), cause.get("file"), cause.get("line")
    if file is None:
        return str(text)
    return f"{text} at {file}{'' if line is None else f':{line}'}"


def _cut_list(parts: Sequence[str], most: int, separator: str = "; ") -> str:
    """The first `most` parts, and how many are left out: `a; b and 12 more`."""
    shown = separator.join(parts[:most])
    return shown if len(parts) <= most else f"{shown} and {len(parts) - most:,} more"


def _movement_text(state: RunState, movement: Movement) -> str:
    of = f" of {movement.model}" if len(state.models) > 1 else ""
    return f"{movement.name}{of} in epoch {movement.epoch:,}{_details(movement.finding)}"


def _has_verified_frozen(model: ModelState) -> bool:
    return any(
        each.verification is not None and model.frozen.at(each.epoch) > 0 for each in model.epochs
    )


def _rebased_clauses(state: RunState) -> Sequence[str]:
    """A tensor that the script loaded or cast anew has another reference since then."""
    names = dict.fromkeys(
        finding["name"]
        for model in state.models
        for epoch in model.epochs
        for finding in (epoch.verification or {}).get("findings", ())
        if finding["verdict"] == "rebased"
    )
    if not names:
        return []
    what = _cut_list(list(names), _NAMED, ", ")
    return [f"the script itself set {what} anew, compared with that since"]


def _batch_norm_clauses(state: RunState) -> Sequence[str]:
    modules = dict.fromkeys(
        module
        for model in state.models
        for epoch in model.epochs
        for module in _batch_modules(epoch)
    )
    return _batch_norm_parts(list(modules))


def _batch_modules(epoch: EpochState) -> Sequence[str]:
    """Frozen statistics that the layer did not use, or not always."""
    return [
        each["module"]
        for each in (epoch.verification or {}).get("normalization", ())
        if each.get("frozen") and each.get("mode") != "running"
    ]


def _batch_norm_parts(modules: Sequence[str]) -> Sequence[str]:
    if not modules:
        return []
    return [f"{_cut_list(modules, _NAMED, ', ')} normalised with batch statistics although frozen"]


def _failure(state: RunState) -> str:
    if state.signal is not None:
        return state.signal
    return "exit code unknown" if state.exit_code is None else f"exit code {state.exit_code}"


def _no_model_reason(state: RunState) -> str:
    if state.engine is not None:
        return f"the command loaded {state.engine['package']}, but trained nothing"
    if any(each.runtime.startswith("python") for each in state.processes.values()):
        return "the command loaded PyTorch, but trained nothing"
    return "the command loaded neither PyTorch nor TensorFlow.js"


def _sentence(clauses: Sequence[Optional[str]]) -> str:
    return f"{'; '.join(clause for clause in clauses if clause)}."
