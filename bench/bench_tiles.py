"""Whole scenes: a 2048 pair tiled and blended against its 64 bare tiles, memory of a 10,000 pair, what tiles change.

    python -m bench.bench_tiles [--models FILE ...] [--side 2048] [--scene 10000] [--repeat 3] [--shift]

Networks are those of build/parity (``python -m tests.parity`` writes them where torch is) unless named. A file
of the same name in the folder ``plain`` beside one is the same network as torch's exporter writes it, and its bare
tiles are timed too.
``--shift`` moves the tiles over the same ground and prints how far scores move, for each tile size:
what is left of it in a result is the choice of tiles, not the ground. Prints one JSON document.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from app import patches
from app.arguments import Parser
from app.config import ROOT, available_cores
from app.detection import run
from app.detection.network import fitting, looking, process, scaling, stating, tiles
from app.detection.network.tiles import Tiling
from app.grid import Grid

BUILT = ROOT / "build" / "parity"
TILE = 256
REST_S = 0.05
BARE = 8  # bare tiles timed in a row between two tiles of a scene


def main() -> None:
    """Measure each network and print the document."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="*", type=Path, default=sorted(BUILT.glob("*.onnx")))
    parser.add_argument("--side", type=int, default=2048, help="pixels a side of the timed pair")
    parser.add_argument("--scene", type=int, default=10_000, help="pixels a side of the pair whose memory is measured")
    parser.add_argument("--network", action="store_true", help="measure memory with the networks, which takes minutes")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, of which the median counts")
    parser.add_argument("--shift", action="store_true", help="also how far scores move with the tiles")
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.memory_of:  # in a process of its own, so that its highest memory is that of the detection
        print(json.dumps(memory(args.memory_of, args.scene)))
        return
    document = {path.stem: measured(path, args) for path in args.models}
    with tempfile.TemporaryDirectory() as folder:
        document["plain"] = memory_in_a_process(plain_network(Path(folder)), args.scene)
    print(json.dumps(document, indent=2))


def measured(path: Path, args: argparse.Namespace) -> dict[str, object]:
    """Return what one network takes."""
    found = {**scene_against_tiles(path, args.side, args.repeat), **process_overhead(path)}
    found["processor_time"] = processor_seconds(path, args.side, args.repeat)
    if args.shift:
        found["moved_with_the_tiles"] = shifted(path)
    if args.network:
        found["memory"] = memory_in_a_process(path, args.scene)
    process.close()
    return found


def scene_against_tiles(path: Path, side: int, repeat: int) -> dict[str, object]:
    """Time a pair detected whole, with overlap and blending, and its bare tiles given one by one.

    ``ratios`` has one of every run, ``to_plain`` those to the bare tiles of the network as torch exports it, where
    that file is there. ``cut_tiles_s`` is what plain onnxruntime takes for the very tiles the
    scene was cut into: beyond the bare tiles' time it is the price of the overlap and of larger tiles in the
    processor's caches, and what the scene takes beyond it is Scarp's own. Tiles are run between those of the
    scene, so that a busy machine slows all alike.
    """
    patch, session, cut = random_patch(side, path), plain_session(path), cut_of(path, side)
    beside = path.parent / "plain" / path.name
    unimproved = plain_session(beside) if beside.exists() else None
    bare_pair = random_pair(path, 1, TILE, TILE)
    cut_pair = random_pair(path, cut.batch, cut.rows.tile, cut.columns.tile)
    runs, to_plain = [], []
    note = run.detect(patch, f"onnx:{path}").note  # sets the network up, which is not timed
    session.run(None, cut_pair)
    for _ in range(repeat):
        bare, plain, large, elsewhere, heard = [], [], [], [], set()

        def between(share, doing, bare=bare, plain=plain, large=large, elsewhere=elsewhere, heard=heard) -> None:
            if doing in heard:
                return
            heard.add(doing)
            started = time.perf_counter()
            time.sleep(REST_S)
            bare.extend(timed(lambda: session.run(None, bare_pair)) for _ in range(BARE))  # one after the other
            if unimproved:
                time.sleep(REST_S)
                plain.extend(timed(lambda: unimproved.run(None, bare_pair)) for _ in range(BARE))
            large.append(timed(lambda: session.run(None, cut_pair)))
            time.sleep(REST_S)
            elsewhere.append(time.perf_counter() - started)

        whole = timed(lambda: run.detect(patch, f"onnx:{path}", progress=between)) - sum(elsewhere)
        count = (side / TILE) ** 2
        runs.append((whole, count * median(bare), cut.count / cut.batch * median(large)))
        if plain:
            to_plain.append(round(whole / (count * median(plain)), 3))
    whole_s, bare_s, cut_s = (median(column) for column in zip(*runs, strict=True))
    ratios = [round(whole / bare, 3) for whole, bare, _ in runs]
    times = {"bare_tiles_s": bare_s, "cut_tiles_s": cut_s, "blended_s": whole_s}
    found = {"side": side, "cut": note, **times, "ratio": median(ratios), "ratios": ratios}
    return {**found, "ratio_to_plain": median(to_plain), "to_plain": to_plain} if to_plain else found


def processor_seconds(path: Path, side: int, repeat: int) -> dict[str, object]:
    """Return processor time instead of the clock's, one thread a session: the same on a busy machine.

    ``rest_s`` is what cutting, scaling and blending take in Scarp's own process.
    """
    session, cut, patch = plain_session(path, threads=1), cut_of(path, side), random_patch(side, path)
    bare_pair = random_pair(path, 1, TILE, TILE)
    cut_pair = random_pair(path, cut.batch, cut.rows.tile, cut.columns.tile)
    session.run(None, cut_pair)
    run.detect(patch, f"onnx:{path}")
    runs = [
        (
            (side / TILE) ** 2 * median(worked(lambda: session.run(None, bare_pair)) for _ in range(BARE)),
            cut.count / cut.batch * worked(lambda: session.run(None, cut_pair)),
            worked(lambda: run.detect(patch, f"onnx:{path}")),
        )
        for _ in range(repeat)
    ]
    bare_s, network_s, rest_s = (median(column) for column in zip(*runs, strict=True))
    return {"bare_s": bare_s, "network_s": network_s, "rest_s": rest_s, "ratio": (network_s + rest_s) / bare_s}


def cut_of(path: Path, side: int) -> Tiling:
    """Return how a scene of ``side`` pixels is cut for a network."""
    graph = looking.describe(path)
    return fitting.tiling(fitting.fit(stating.stated(path, graph), graph), (side, side))


def random_pair(path: Path, batch: int, height: int, width: int) -> dict[str, np.ndarray]:
    """Return two dates of noise as a network reads them."""
    shape = (2, batch, len(bands_of(path)), height, width)
    t1, t2 = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    return {"t1": t1, "t2": t2}


def process_overhead(path: Path) -> dict[str, float]:
    """Time one tile in this process and through the network's own, and what setting it up takes."""
    session, budget = plain_session(path), process.Budget()
    pair = random_pair(path, 1, TILE, TILE)
    process.close()
    started = time.perf_counter()
    with process.opened(path, "cpu", budget) as model:
        ready_s = time.perf_counter() - started
        output = model.graph.outputs[0].name
        runs = [
            (
                seconds(lambda: session.run(None, pair)),
                seconds(lambda: model.run(list(pair.values()), list(pair), output, 10**8)),
            )
            for _ in range(15)
        ]
    here, there = (median(column) for column in zip(*runs, strict=True))
    return {"ready_s": ready_s, "tile_here_s": here, "tile_in_its_process_s": there}


def shifted(path: Path) -> dict[str, float]:
    """Return how far scores move, on average, when the same ground is cut differently, by the tile's side."""
    patch = simulated_patch(path)
    moved = {}
    with process.opened(path, "cpu", process.Budget(3600)) as model:
        found = fitting.fit(stating.stated(path, model.graph), model.graph)
        for room in (1, 2, 3):
            side = room * found.contract.tile
            whole = scored(patch, found, model, side)
            corner = scored(patch.isel(y=slice(100, None), x=slice(100, None)), found, model, side)
            moved[str(side)] = float(np.abs(whole[100:, 100:] - corner).mean())
        moved["spread_of_scores"] = float(whole.std())
    return moved


def scored(patch, found, model, side: int) -> np.ndarray:
    """Return the blended score with tiles of up to ``side`` pixels."""
    contract = found.contract
    rows, columns = (
        tiles.fitted(patch.sizes[axis], contract.overlap, contract.size_multiple, side) for axis in ("y", "x")
    )
    inputs = scaling.Inputs(patch, contract, Tiling(rows, columns))

    def answer(places) -> np.ndarray:
        t1, t2 = inputs.dates(places)
        values = model.run(scaling.arranged(contract, t1, t2), contract.inputs, found.output, 10**9)
        return scaling.score(contract, values, t1, t2)

    return tiles.blend(Tiling(rows, columns), answer)


def memory_in_a_process(path: Path, side: int) -> dict[str, object]:
    """Return ``memory`` as a fresh process measures it."""
    command = [sys.executable, "-m", "bench.bench_tiles", "--memory-of", str(path), "--scene", str(side)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)


def memory(path: Path, side: int) -> dict[str, object]:
    """Return the highest memory of this process and of the network's, for a pair that is read block by block."""
    patch = lazy_patch(side, path)
    started = time.perf_counter()
    found = run.detect(patch, f"onnx:{path}")
    taken_s = time.perf_counter() - started
    here_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    network_mb = sum(highest_mb(pid) for pid in process.kept())
    return {
        "side": side,
        "seconds": taken_s,
        "fallback": found.fallback,
        "cut": found.note,
        "here_mb": here_mb,
        "network_mb": network_mb,
        "together_mb": here_mb + network_mb,
    }


def highest_mb(pid: int) -> float:
    """Return the most memory a process has held so far, as Linux counts it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def bands_of(path: Path) -> tuple[str, ...]:
    """Return the bands a network file reads."""
    return stating.stated(path, looking.describe(path)).bands


def random_patch(side: int, path: Path):
    """Return a clear patch of random reflectance with the bands a network reads."""
    rng = np.random.default_rng(0)
    return a_patch({name: rng.random((2, side, side), np.float32) * 0.3 for name in bands_of(path)}, side)


def a_patch(bands: dict, side: int):
    """Return a clear patch of ``side`` pixels."""
    on = Grid(10.0, 45.0, 0.00009, 0.00009, side, side)
    clm = np.zeros((2, side, side), np.uint8)
    return patches.build(on, ["2020-01-01", "2020-02-01"], bands, clm, {"simulated": True})


def lazy_patch(side: int, path: Path):
    """Return a patch whose blocks are made when they are read, and never held."""
    import dask.array as da

    small = a_patch({name: np.zeros((2, 4, 4), np.float32) for name in bands_of(path)}, 4)
    blocks = {"chunks": (2, 1024, 1024)}
    variables = {
        name: (("time", "y", "x"), da.random.random((2, side, side), **blocks).astype(np.float32) * 0.3)
        for name in patches.band_names(small)
    }
    variables["CLM"] = (("time", "y", "x"), da.zeros((2, side, side), dtype=np.uint8, **blocks))
    on = Grid(10.0, 45.0, 0.00009, 0.00009, side, side)
    return type(small)(variables, {"time": small["time"], "y": on.y, "x": on.x}, small.attrs)


def simulated_patch(path: Path):
    """Return a simulated scene of 1,111 pixels a side with a landslide in it."""
    from datetime import date

    from app import grid
    from app.patches import PatchSpec
    from app.sources import open_source

    box = grid.around(45.5, 25.5, 0.05)
    spec = PatchSpec("demo", "1", box, date(2021, 6, 1), date(2021, 9, 1), date(2021, 7, 15), bands_of(path))
    return open_source("demo").open(spec)


def plain_session(path: Path, threads: int | None = None):
    """Return onnxruntime's session of a file, in this process, on all cores unless told."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads or available_cores(), 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def plain_network(folder: Path) -> Path:
    """Write a network of one subtraction, so that memory is that of tiling alone."""
    from onnx import TensorProto, helper

    from app.detection.network.contract import Contract

    sides = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, "h", "w"]) for name in ("t1", "t2", "back")
    ]
    graph = helper.make_graph([helper.make_node("Identity", ["t1"], ["back"])], "plain", sides[:2], sides[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    contract = Contract("plain", ("B04", "B03", "B02"), "reconstruction", 0.5)
    helper.set_model_props(model, contract.to_metadata())
    path = folder / "plain.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def seconds(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes; first the other's threads come to rest, or they would be timed too."""
    time.sleep(REST_S)
    return timed(action)


def worked(action: Callable[[], object]) -> float:
    """Return the processor time that ``action`` takes in this process."""
    started = time.process_time()
    action()
    return time.process_time() - started


def timed(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
