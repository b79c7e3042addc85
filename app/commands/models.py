"""``python -m app models``: list the networks there are, or check a file before it is run."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.arguments import DONE, PARTLY_FAILED
from app.commands.terminal import printable, strict_json
from app.errors import InputError, NetworkError
from app.files import size_words

if TYPE_CHECKING:
    from app.detection.network.checking import Checked
    from app.detection.network.contract import Contract
    from app.detection.network.registry import ListedNetwork


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("do", choices=("list", "check"), help="what to do")
    parser.add_argument("file", nargs="?", metavar="FILE", help="check: an .onnx file, or the name of a network")
    parser.add_argument(
        "--suggest", action="store_true", help="check: print only the JSON to put beside the file, for > NAME.json"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """List or check; return 1 where a network cannot be run as it is. Raises ScarpError for a refused file."""
    if args.do == "list":
        if args.file or args.suggest:
            raise InputError("`models list` takes no file; `models check FILE` looks at one.")
        return _list(args)
    if not args.file:
        raise InputError("Name the file: `python -m app models check FILE`.")
    return _check(args)


def _list(args: argparse.Namespace) -> int:
    from app.detection.network import registry

    listed = registry.listing()
    if args.json:
        print(strict_json({"models": [_values(one) for one in listed]}))
    else:
        for one in listed:
            print(_line(one))
        print(f"{len(listed)} networks; run one with --method onnx:NAME")
    return PARTLY_FAILED if any(one.unusable for one in listed) else DONE


def _values(one: "ListedNetwork") -> dict[str, object]:
    return {
        "name": one.name,
        "title": one.title,
        "kind": one.kind,
        "bands": list(one.contract.bands) if one.contract else [],
        "dates": list(one.contract.dates) if one.contract else [],
        "threshold": one.contract.threshold if one.contract else None,
        "licence": one.contract.licence if one.contract else "",
        "training_data": one.contract.training_data if one.contract else "",
        "sha256": one.sha256,
        "bytes": one.size,
        "card": printable(str(one.card or "")),
        "contract_from": one.origin,
        "unusable": one.unusable,
        "doubts": list(one.doubts),
    }


def _line(one: "ListedNetwork") -> str:
    size = f"{size_words(one.size):>9}"
    if one.unusable:
        return printable(f"{one.name:<20} {size}  cannot be run: {one.unusable}")
    said = one.contract
    assert said is not None  # what can be run says what it takes
    return printable(
        f"{one.name:<20} {size}  {_answers(said)}; threshold {said.threshold:g}; "
        f"licence: {said.licence}; trained on: {said.training_data}; sha256 {one.sha256[:12]}"
    )


def _answers(contract: "Contract") -> str:
    return f"{contract.output} of {', '.join(contract.bands)}{' of T2 alone' if contract.alone else ''}"


def _check(args: argparse.Namespace) -> int:
    from app.detection.network import checking, registry

    if registry.is_name(args.file) and args.file not in registry.names() and Path(args.file).exists():
        raise NetworkError(
            f"{args.file} is no .onnx file, and no network has this name. `python -m app models check` takes an .onnx "
            "file, or a name that `python -m app models list` shows."
        )
    path = registry.find(args.file).path
    try:
        checked = checking.check(path)
    except NetworkError as error:
        raise NetworkError(f"{path.name} cannot be run: {error}") from error
    if args.suggest:
        print(_pretty(checked.contract))
        return DONE
    if args.json:
        print(strict_json(_document(checked)))
    else:
        print("\n".join(printable(line) for line in _sentences(checked)))
        if checked.problem:
            print(_pretty(checked.contract))
    if checked.problem:
        print(f"{path.name} cannot be run yet: {checked.problem}", file=sys.stderr)
    return PARTLY_FAILED if checked.problem else DONE


def _document(checked: "Checked") -> dict[str, object]:
    return {
        "file": printable(checked.path.name),
        "sha256": checked.graph.sha256,
        "bytes": checked.graph.size,
        "inputs": [asdict(tensor) for tensor in checked.graph.inputs],
        "outputs": [asdict(tensor) for tensor in checked.graph.outputs],
        "operators": list(checked.graph.operators),
        "contract": json.loads(checked.contract.to_json()),
        "contract_from": checked.origin,
        "problem": checked.problem,
        "notes": list(checked.notes),
        "seconds": round(checked.seconds, 4),
        "answers": [checked.lowest, checked.highest],
    }


def _sentences(checked: "Checked") -> list[str]:
    graph, said = checked.graph, checked.contract
    lines = [
        f"{checked.path.name}: {size_words(graph.size)}, sha256 {graph.sha256}",
        f"inputs: {'; '.join(map(str, graph.inputs))}",
        f"outputs: {'; '.join(map(str, graph.outputs))}",
        f"ran on noise in {checked.seconds:.2f} s, answers from {checked.lowest:.3g} to {checked.highest:.3g}",
        *checked.notes,
    ]
    if not checked.problem:
        lines += [
            f"{_answers(said)}, threshold {said.threshold:g}, as {checked.origin} says",
            f"It can be run: --method onnx:{_method_target(checked.path)}",
        ]
    return lines


def _method_target(path: Path) -> str:
    from app.detection.network import registry

    try:
        known = registry.find(path.stem).path
    except NetworkError:
        return str(path)
    return path.stem if known.resolve() == path.resolve() else str(path)


def _pretty(contract: "Contract") -> str:
    return json.dumps(json.loads(contract.to_json()), indent=2, allow_nan=False)  # whatever a shell's encoding is
