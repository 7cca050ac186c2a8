"""The sentences that the command line tells (src/runs/words)."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Union

from .ranks import (
    disagreeing_ranks,
    is_verified,
    last_attempt,
    missing_ranks,
    name_in_any_attempt,
    rank_words,
)
from .state import EpochState, ModelState, Movement, RunState
from .verdict import verdict_of

_NAMED = 5


def verdict_sentence(state: RunState) -> str:
    """The verdict over the run: "14 frozen tensors intact over 10 epochs." """
    verdict = verdict_of(state)
    if verdict.kind == "moved":
        moved = [_movement_text(state, each) for each in _in_order(state)]
        what = f"{counted(len(moved), 'frozen tensor')} moved: {_cut_list(moved, _NAMED)}"
        return _sentence([what, *end_clauses(state)])
    if verdict.kind == "not verified":
        return _sentence([f"Not verified: {verdict.reason}", *end_clauses(state)])
    if verdict.kind == "intact":
        models = len(set(map(name_in_any_attempt, filter(_has_verified_frozen, state.models))))
        of = f" of {counted(models, 'model')}" if models > 1 else ""
        ranks = max(len(model.ranks) for model in state.models)
        on = f" on {counted(ranks, 'rank')}" if ranks > 1 else ""
        what = (
            f"{counted(verdict.tensors, 'frozen tensor')}{of} intact over "
            f"{counted(verdict.epochs, 'epoch')}{on}"
        )
        clauses = [*_rank_clauses(state), *_rebased_clauses(state), *_batch_norm_clauses(state)]
        return _sentence([what, *clauses, *end_clauses(state)])
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
    attempt = last_attempt(state)
    # Elastic training starts all ranks anew after one of them has died.
    again = [] if attempt == 1 else [f"training was started again (attempt {attempt:,})"]
    return [*again, *_last_clauses(state)]


def _last_clauses(state: RunState) -> Sequence[str]:
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
    several = len(model.ranks) > 1
    texts = [_finding_text(each, several) for each in findings]
    missing = missing_ranks(model, epoch)
    lacking = [f"not verified on {rank_words(missing)}"] if missing else []
    told = intact + len(findings)
    if told != frozen:
        what = f"not verified ({told:,} compared, but {frozen:,} frozen)"
        return "; ".join([*texts[:_NAMED], what, *lacking])
    if findings:
        parts = [_cut_list(texts, _NAMED), f"{intact:,} intact"]
    elif intact == 0:
        parts = ["nothing frozen"]
    else:
        on = f" on {counted(len(model.ranks) - len(missing), 'rank')}" if several else ""
        parts = [f"{intact:,} frozen intact{on}"]
    if frozen > 0:
        parts += lacking
    parts += _disagreement_parts(disagreeing_ranks(epoch))
    return "; ".join([*parts, *_batch_norm_parts(_batch_modules(epoch))])


def _disagreement_parts(ranks: Sequence[int]) -> list[str]:
    if not ranks:
        return []
    return [f"{rank_words(ranks)} hold different values of frozen tensors"]


def _rank_clauses(state: RunState) -> list[str]:
    """Ranks that hold other values than their neighbours may be meant so, and are told."""
    epochs = (disagreeing_ranks(epoch) for model in state.models for epoch in model.epochs)
    return _disagreement_parts(next((ranks for ranks in epochs if ranks), []))


def _in_order(state: RunState) -> Sequence[Movement]:
    """The movements; of several ranks in an order that does not depend on which was read first."""
    movements = list(state.movements.values())
    if any(model.ranks for model in state.models):
        movements.sort(key=lambda each: (each.epoch, each.model, each.name))
    return movements


def _finding_text(finding: dict[str, Any], several: bool) -> str:
    verdict = finding["verdict"]
    name = f"{finding['name']} {verdict}{_on_ranks(finding) if several else ''}"
    if verdict == "moved":
        return f"{name}{_details(finding)}"
    if verdict == "rebased":
        return f"{name} ({_cause_text(finding['cause'])})"
    if verdict == "replaced":
        return f"{name} (another tensor bears the name)"
    if verdict == "missing":
        return name
    return f"{name} ({finding['reason']})"


def _on_ranks(finding: dict[str, Any]) -> str:
    ranks = finding.get("ranks")
    return f" on {rank_words(ranks)}" if ranks else ""


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
    model = next(each for each in state.models if each.name == movement.model)
    on = _on_ranks(movement.finding) if len(model.ranks) > 1 else ""
    return f"{movement.name}{of} in epoch {movement.epoch:,}{on}{_details(movement.finding)}"


def _has_verified_frozen(model: ModelState) -> bool:
    return any(
        is_verified(model, each) and model.frozen.at(each.epoch) > 0 for each in model.epochs
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
