"""What a training run is: the networks, one step of each, and how the kept weights answer a pair."""

import math
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from app.detection.network import scaling
from app.detection.network.contract import SLOPE, Contract
from app.errors import InputError
from app.testsets.real import BANDS
from app.testsets.scars import Pair
from models import bit, cdrl, chips, data, infrared, mountains, paint, scar

LICENCE = "MIT"
TRAINING_DATA = (
    "Simulated scenes of Scarp's simulator; scars painted on these and on real Sentinel-2 images (eo-learn, MIT; "
    "TerraMind examples, Apache-2.0) in simulated and hand-drawn (Landslide4Sense) outlines; no mapped landslide. "
    "Contains modified Copernicus Sentinel data (2015 and later)."
)
LOOKS_DATA = (
    "Simulated scenes of Scarp's simulator in which nothing slid and real Sentinel-2 images (eo-learn, MIT; TerraMind "
    "examples, Apache-2.0), patches of them replaced at random; no label and no landslide. "
    "Contains modified Copernicus Sentinel data (2015 and later)."
)
SCARS_DATA = (
    "Scenes after real landslides with hand-drawn masks (Landslide4Sense; licence not stated: none of their pixels is "
    "part of this file or of Scarp), their scars taken out of them or laid onto other places; real Sentinel-2 images "
    "(eo-learn, MIT; TerraMind examples, Apache-2.0); simulated scenes of Scarp's simulator. "
    "Contains modified Copernicus Sentinel data (2015 and later)."
)
INFRARED_DATA = (
    "Simulated scenes of Scarp's simulator; scars painted on these and on real Sentinel-2 images (eo-learn, MIT; "
    "TerraMind examples, Apache-2.0) in simulated and hand-drawn outlines; scenes after real landslides with masks "
    "(Landslide4Sense; licence not stated: none of their pixels is part of this file or of Scarp), their scars taken "
    "out of them or laid onto other places. Contains modified Copernicus Sentinel data (2015 and later)."
)
HIGH = (0.3, 0.35, 0.4, 0.6)  # reflectance of B02, B03, B04, B08 that becomes 1
AVERAGING = 0.995  # of the weights that are kept, a step
CHANGED_WEIGHT = 3.0  # changed pixels are one in forty
CDRL_WIDTH = 16  # of the finest features; the published 64 would make a file of 218 MB
STEEPEST_DEG = 30.0  # of SLOPE: what is steeper is as steep, coarse models of heights hardly know steeper
LOST_WEIGHT = 8.0  # of pixels that have to be rebuilt from the other look alone


@dataclass(frozen=True)
class Options:
    """What decides a training run; equal options on one machine give equal weights."""

    steps: int = 3000
    batch: int = 8
    scenes: int = 400  # simulated pairs to cut tiles from
    rate: float = 1e-3
    seed: int = 0
    real: bool = True
    check_every: int = 500
    simulated_checks: int = 60
    real_checks: int = 60
    bands: tuple[str, ...] = BANDS  # those the network reads, of the pairs' four

    def __post_init__(self) -> None:
        unknown = [band for band in self.bands if band not in (*BANDS, SLOPE)]
        if unknown or not self.bands or len(set(self.bands)) < len(self.bands):
            raise InputError(f"bands are {', '.join(self.bands) or 'none'}; give some of {', '.join(BANDS)}.")
        for name in ("steps", "batch", "scenes", "check_every", "simulated_checks"):
            least = 0 if name == "steps" else 1
            if getattr(self, name) < least:
                raise InputError(f"{name} is {getattr(self, name)}; give {least} or more.")


def rate_share(step: int, steps: int) -> float:
    """Return the learning rate's share of its largest: a twentieth of the run up, then half a cosine down."""
    rising = max(1, steps // 20)
    if step < rising:
        return (step + 1) / rising
    return 0.5 + 0.5 * math.cos(math.pi * (step - rising) / max(1, steps - rising))


def as_input(image: np.ndarray, contract: Contract) -> np.ndarray:
    """Return reflectance (bands, y, x) as the network's float32 input, as the contract says."""
    low, high, mean, std = (np.asarray(getattr(contract, f), np.float32) for f in ("low", "high", "mean", "std"))
    low, high, mean, std = (values[:, None, None] for values in (low, high, mean, std))
    return ((np.clip((image - low) / (high - low), 0, 1) - mean) / std).astype(np.float32)


def narrowed(contract: Contract, bands: tuple[str, ...]) -> Contract:
    """Return the contract of a network that reads some of its bands alone."""
    if unknown := [band for band in bands if band not in contract.bands]:
        raise InputError(f"{contract.name} knows no {unknown[0]}; give some of {', '.join(contract.bands)}.")
    kept = [contract.bands.index(band) for band in bands]
    each = {field: getattr(contract, field) for field in ("low", "high", "mean", "std", "weights")}
    scaling_of: dict[str, Any] = {
        field: tuple(values[k] for k in kept) for field, values in each.items() if len(values) > 1
    }
    return replace(contract, bands=bands, **scaling_of)


def change_loss(logits: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Return cross entropy, changed pixels weighing more, plus soft Dice, both over clear pixels.

    ``logits`` (N, 2, y, x), ``truth`` int64 and ``weight`` float32 (N, y, x), 0 where a date is not clear. Dice
    (Milletari et al. 2016) keeps the rare class from drowning; cross entropy keeps the score a probability.
    """
    entropy = functional.cross_entropy(logits, truth, reduction="none")
    weighed = weight * (1 + (CHANGED_WEIGHT - 1) * truth)
    changed = logits.softmax(1)[:, 1]
    both, either = (weight * changed * truth).sum(), (weight * (changed + truth)).sum()
    return (entropy * weighed).sum() / weighed.sum().clamp(min=1) + 1 - (2 * both + 1) / (either + 1)


class Run:
    """One training run: its networks, the averaged weights that are kept, and where it stands."""

    contract: Contract
    network_name: str  # of the architecture, in ``models.checkpoints``
    side: int  # pixels of a training tile
    levels: tuple[float, ...]  # thresholds among which the validation data choose
    wary = False  # whether the highest, not the lowest, of those nearly as good as the best is taken
    maker: type[data.Maker] = data.Maker  # of the pairs it learns from
    frozen = False  # whether batch normalisation stays as it is, as it has to after an .onnx file

    def __init__(self, options: Options, device: str) -> None:
        torch.manual_seed(options.seed)
        self.options, self.device, self.step = options, device, 0
        self.contract = narrowed(self.contract, options.bands)
        self.network = self.build().to(device, memory_format=torch.channels_last)
        self.kept = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGING), use_buffers=True)
        self.parts: dict[str, Any] = {"network": self.network, "kept": self.kept}
        self.optimiser = self.optimise("optimiser", self.network)

    def build(self) -> nn.Module:
        """Return the network, untrained."""
        raise NotImplementedError

    def checks(self) -> dict[str, list[Pair]]:
        """Return the validation pairs by what they show: the same in every run, and those ``models.score`` uses."""
        simulated = self.options.simulated_checks
        pairs = data.validation_pairs(0, simulated, self.options.real_checks * self.options.real)
        return {"simulated": pairs[:simulated], "painted": pairs[simulated:]}

    def learn(self, pairs: list[Pair]) -> float:
        """Change the weights by one batch and return the loss."""
        raise NotImplementedError

    def score(self, pair: Pair) -> np.ndarray:
        """Return the score of change of a pair, float32 (y, x), by the kept weights."""
        raise NotImplementedError

    def optimise(self, name: str, network: nn.Module) -> torch.optim.Optimizer:
        """Return an optimiser of a network on the run's schedule; both are kept with the run's state."""
        optimiser = torch.optim.AdamW(network.parameters(), self.options.rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, partial(rate_share, steps=self.options.steps))
        self.parts |= {name: optimiser, f"{name} schedule": schedule}
        return optimiser

    def descend(self, name: str, network: nn.Module, value: Tensor) -> None:
        """Take one step down ``value`` with the optimiser called ``name``."""
        self.parts[name].zero_grad(set_to_none=True)
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        self.parts[name].step()
        self.parts[f"{name} schedule"].step()

    def advance(self, pairs: list[Pair]) -> float:
        """Learn from a batch, average the weights, and return the loss."""
        self.network.train()
        value = self.learn(pairs)
        self.kept.update_parameters(self.network)
        self.step += 1
        return value

    def dates(self, pairs: list[Pair]) -> list[Tensor]:
        """Return what the network reads of some pairs: a batch of input for each date, (N, bands, y, x)."""
        return [self.tensors([getattr(pair, date) for pair in pairs]) for date in self.contract.dates]

    def tensors(self, images: list[np.ndarray]) -> Tensor:
        """Return reflectances (bands, y, x) as one batch of input (N, bands, y, x)."""
        read = [BANDS.index(band) for band in self.options.bands]
        return torch.from_numpy(np.stack([as_input(image[read], self.contract) for image in images])).to(self.device)

    def begin(self, network: nn.Module) -> None:
        """Begin with the weights of a trained network."""
        self.network.load_state_dict(network.state_dict())
        self.kept.module.load_state_dict(network.state_dict())

    def state(self) -> dict[str, object]:
        """Return all that a later process needs to go on as if nothing had happened."""
        held = {name: part.state_dict() for name, part in self.parts.items()}
        return {"parts": held, "random": torch.get_rng_state(), "step": self.step, "options": asdict(self.options)}

    def resume(self, state: dict) -> None:
        """Go on from ``state``; raises InputError where it belongs to a run with other options."""
        if state["options"] != asdict(self.options):
            raise InputError(
                f"The run to resume has other options: {state['options']}. Give the same, or another --out."
            )
        for name, part in self.parts.items():
            part.load_state_dict(state["parts"][name])
        torch.set_rng_state(state["random"].cpu())
        self.step = state["step"]


class BitRun(Run):
    """BIT, supervised: where did something slide between the dates?"""

    network_name = "bit"
    side = data.TILE
    levels = tuple(np.round(np.linspace(0.02, 0.98, 49), 2).tolist())
    contract = Contract(
        name="bit",
        bands=BANDS,
        output="logits",
        threshold=0.5,
        high=HIGH,
        mean=(0.2, 0.22, 0.2, 0.4),
        std=(0.12, 0.12, 0.15, 0.2),
        tile=data.TILE,
        overlap=32,
        size_multiple=bit.SIZE_MULTIPLE,
        licence=LICENCE,
        training_data=TRAINING_DATA,
        source="Chen, Qi and Shi 2021, doi:10.1109/TGRS.2021.3095166; weights trained by Scarp",
    )

    def build(self) -> nn.Module:
        return bit.BIT(bands=len(self.contract.bands))

    def learn(self, pairs: list[Pair]) -> float:
        """Descend the loss of a batch; the network computes in bfloat16, which needs no loss scale."""
        given = self.dates(pairs)
        truth = torch.from_numpy(np.stack([pair.truth for pair in pairs])).long().to(self.device)
        weight = torch.from_numpy(np.stack([pair.clear for pair in pairs])).float().to(self.device)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            logits = self.network(*given)
        value = change_loss(logits.float(), truth, weight)
        self.descend("optimiser", self.network, value)
        return float(value.detach())

    @torch.inference_mode()
    def score(self, pair: Pair) -> np.ndarray:
        logits = self.kept.module.eval()(*self.dates([pair]))
        return logits.softmax(1)[0, 1].cpu().numpy()


class ScarredRun(BitRun):
    """BIT that knows simulated and painted scars, going on with real ones."""

    maker = infrared.Scarred
    frozen = True
    contract = replace(BitRun.contract, name="bit-scarred", training_data=INFRARED_DATA)

    def learn(self, pairs: list[Pair]) -> float:
        for part in self.network.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.eval()
        return super().learn(pairs)


class WithoutFirstRun(ScarredRun):
    """The same, to be scored on the first half of the scenes."""

    maker = infrared.WithoutFirst


class WithoutSecondRun(ScarredRun):
    """The same, to be scored on the second half of the scenes."""

    maker = infrared.WithoutSecond


class CdrlRun(Run):
    """CDRL, without labels: mend a damaged image by another look of the place, and fail where dates differ in more."""

    network_name = "cdrl"
    side = cdrl.SIZE_MULTIPLE
    maker = data.Looks
    levels = tuple(np.round(np.linspace(0.04, 0.96, 47), 2).tolist())
    wary = True  # no real place of the validation pairs has two dates, so they show too few of its false alarms
    contract = Contract(
        name="cdrl",
        bands=BANDS,
        output="reconstruction",
        threshold=0.1,
        high=HIGH,
        mean=(0.5,),
        std=(0.5,),
        tile=cdrl.SIZE_MULTIPLE,
        overlap=64,
        size_multiple=cdrl.SIZE_MULTIPLE,
        weights=(-1.16, 2.29, 0.16, -1.0),  # these and the next three: the best of those tried on the validation pairs
        blur_px=0.7,
        spread_floor=0.35,
        log_floor=0.04,
        licence=LICENCE,
        training_data=LOOKS_DATA,
        source="Noh et al. 2022, arXiv:2204.01200, narrower; weights trained by Scarp",
    )

    def build(self) -> nn.Module:
        return cdrl.Generator(len(self.contract.bands), CDRL_WIDTH, dropout=0.0)

    def learn(self, pairs: list[Pair]) -> float:
        """Rebuild each T2 from a damaged copy of it and another look of the place; return the absolute error."""
        rng = np.random.default_rng([self.options.seed, self.step, 21])
        others = [*pairs[1:], pairs[0]]
        lost = [paint.damaged(pair.t2, other.t2, rng) for pair, other in zip(pairs, others, strict=True)]
        look, whole = self.tensors([pair.t1 for pair in pairs]), self.tensors([pair.t2 for pair in pairs])
        weight = np.stack(
            [pair.clear * (1 + (LOST_WEIGHT - 1) * where) for pair, (_, where) in zip(pairs, lost, strict=True)]
        )
        weight = torch.from_numpy(weight.astype(np.float32))[:, None].to(self.device)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            made = self.network(look, self.tensors([image for image, _ in lost]))
        error = (weight * (made.float() - whole).abs()).sum() / (weight.sum() * len(self.contract.bands)).clamp(min=1)
        self.descend("optimiser", self.network, error)
        return float(error.detach())

    @torch.inference_mode()
    def score(self, pair: Pair) -> np.ndarray:
        height, width = pair.truth.shape
        before = [(cdrl.SIZE_MULTIPLE - side) // 2 for side in (height, width)]
        around = [
            (0, 0),
            *((b, cdrl.SIZE_MULTIPLE - side - b) for b, side in zip(before, (height, width), strict=True)),
        ]
        t1, t2 = (self.tensors([np.pad(image, around, "reflect")]) for image in (pair.t1, pair.t2))
        made = self.kept.module.eval()(t1, t2)
        found = scaling.score(self.contract, *(one.cpu().numpy() for one in (made, t1, t2)))[0]
        return found[before[0] : before[0] + height, before[1] : before[1] + width]


class ColourRun(BitRun):
    """Networks of the visible bands, which see real scars; each date is stretched by itself: its unit is unknown."""

    maker = chips.Chips
    network_name = "scar"
    contract = replace(
        BitRun.contract,
        name="colours",
        bands=chips.COLOURS,
        stretch="percentile-each",
        low=(1.0,),
        high=(99.0,),
        mean=(0.4,),
        std=(0.25,),
        size_multiple=scar.SIZE_MULTIPLE,
        training_data=SCARS_DATA,
        source="Scarp; in the manner of Ronneberger et al. 2015, arXiv:1505.04597",
    )

    def checks(self) -> dict[str, list[Pair]]:
        return chips.validation_pairs(self.contract.alone, self.options.real_checks, self.options.simulated_checks)

    def dates(self, pairs: list[Pair]) -> list[Tensor]:
        """Return a batch of input for each date read, each image between percentiles of its own clear pixels."""
        made = [
            np.stack([self._stretched(getattr(pair, d), pair.clear) for pair in pairs]) for d in self.contract.dates
        ]
        if len(self.contract.inputs) < len(made):  # one input holds the bands of both dates
            made = [np.concatenate(made, axis=1)]
        return [torch.from_numpy(date).to(self.device) for date in made]

    def _stretched(self, image: np.ndarray, clear: np.ndarray) -> np.ndarray:
        """Return a date's bands between percentiles, and its slope, which is its last channel, in degrees."""
        read = image[[BANDS.index(band) for band in self.contract.spectral]]
        seen = read[:, clear] if clear.any() else read.reshape(len(read), -1)
        low, high = np.percentile(seen, (self.contract.low[0], self.contract.high[0]), axis=1)
        high = np.maximum(high, low + 1e-4)
        if self.contract.terrain:
            read = np.concatenate([read, image[-1:]])
            low, high = np.append(low, self.contract.low[-1]), np.append(high, self.contract.high[-1])
        return as_input(read, replace(self.contract, stretch="reflectance", low=tuple(low), high=tuple(high)))


class ScarRun(ColourRun):
    """Scar: where does T2 alone look like a landslide?"""

    maker = chips.Alone
    contract = replace(
        ColourRun.contract,
        name="scar-rgb",
        stretch="percentile",
        inputs=("t2",),
        dates=("t2",),
    )

    def build(self) -> nn.Module:
        return scar.ScarNet(bands=len(self.contract.bands))


class StackedRun(ColourRun):
    """Scar of both dates stacked: where did something slide between them?"""

    contract = replace(ColourRun.contract, name="stacked-rgb", inputs=("pair",))

    def build(self) -> nn.Module:
        return scar.ScarNet(bands=2 * len(self.contract.bands))


class SlopeRun(ScarRun):
    """Scar of T2 and its slope: where does steep ground look like a landslide?"""

    maker = mountains.Steep
    contract = replace(
        ScarRun.contract,
        name="scar-slope",
        bands=(*chips.COLOURS, SLOPE),
        low=(1.0, 1.0, 1.0, 0.0),
        high=(99.0, 99.0, 99.0, STEEPEST_DEG),
    )

    def checks(self) -> dict[str, list[Pair]]:
        return {"real scars": mountains.validation_pairs(True, self.options.real_checks)}

    def begin(self, network: nn.Module) -> None:
        """Begin with the weights of a trained network; one that knows no slope does not look at it at first."""
        if isinstance(network, scar.ScarNet) and network.bands == self.network.bands - 1:
            network = scar.widened(network)
        super().begin(network)


class StackedSlopeRun(StackedRun):
    """Scar of both dates and the slope, stacked: the slope stands with both."""

    contract = replace(
        StackedRun.contract, name="stacked-slope", bands=SlopeRun.contract.bands, low=SlopeRun.contract.low,
        high=SlopeRun.contract.high,
    )  # fmt: skip


RUNS: dict[str, type[Run]] = {
    "bit": BitRun,
    "bit-scarred": ScarredRun,
    "bit-scarred-without-1": WithoutFirstRun,
    "bit-scarred-without-2": WithoutSecondRun,
    "cdrl": CdrlRun,
    "stacked-rgb": StackedRun,
    "scar-rgb": ScarRun,
    "scar-slope": SlopeRun,
}
