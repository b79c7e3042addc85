"""The viewer on a patch of 2048 x 2048: switching modes and layers, panning, and a new composition, in a browser."""

import statistics
import sys
import time

from bench import browsing

RUNS = 7
ADDRESS = "compare?event=171&resolution=1e-05&bands=B02,B03,B04,B08"
# from an act to the second frame after it: by then the first one has been drawn
_ACT = """(stage, [kind, what]) => new Promise((done) => {
    const root = stage.getRootNode(), started = performance.now();
    if (kind === 'key') stage.dispatchEvent(new KeyboardEvent('keydown', { key: what, bubbles: true }));
    else root.querySelector(what).click();
    const ran = performance.now() - started;
    requestAnimationFrame(() => requestAnimationFrame(() => done([performance.now() - started, ran])));
})"""
_PAN = """(stage) => new Promise((done) => {
    const box = stage.getBoundingClientRect(), frames = [], works = [];
    const send = (kind, x, y) => stage.dispatchEvent(new PointerEvent(kind,
        { pointerId: 5, clientX: box.left + x, clientY: box.top + y, bubbles: true }));
    stage.setPointerCapture = () => {};
    send('pointerdown', 300, 300);
    let last = performance.now(), n = 0;
    const step = (now) => {
        frames.push(now - last); last = now;
        const t = performance.now();
        send('pointermove', 300 + 2 * (n % 40), 300 + n % 40);
        works.push(performance.now() - t);
        if (++n < 90) requestAnimationFrame(step);
        else { send('pointercancel', 300, 300); done([frames.slice(2), works]); }
    };
    requestAnimationFrame(step);
})"""
_SHOWN = """(before) => {
    const roots = [...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean);
    const all = roots.flatMap((root) => [...root.querySelectorAll('.stage .picture')]);
    return all.length > 1 && all.every((one) => one.complete && one.naturalWidth && !before.includes(one.src));
}"""


def main() -> int:
    """Print medians of several acts; 1 where there is no Chromium."""
    path = browsing.found()
    if path is None:
        return 1
    with browsing.opened(path) as window:
        sent = browsing.sizes_sent(window)
        _opened(window)
        _acts(window)
        _compositions(window, sent)
    return 0


def _opened(window) -> None:
    window.open(ADDRESS)
    window.page.get_by_role("button", name="Open the patch").click()
    window.page.wait_for_function(_SHOWN, arg=[], timeout=120_000)
    window.settle()
    print("2048 x 2048, four bands, in Chromium without a graphics card, 1400 x 900; medians, longest in brackets")


def _acts(window) -> None:
    stage = window.page.locator(".stage")
    for title, acts in {
        "side by side": [("key", "2"), ("key", "1")],
        "swipe": [("key", "1"), ("key", "2")],
        "blink": [("key", "2"), ("key", "3")],
        "opacity": [("key", "2"), ("key", "4")],
        "grid": [("key", "2"), ("key", "5")],
    }.items():
        _timed(window, f"to {title}", stage, acts)
    stage.evaluate(_ACT, ["key", "2"])
    window.page.locator(".open-layers").click()
    truth = ("click", ".line[data-id=truth] input")
    _timed(window, "truth on, filled", stage, [truth, truth])
    stage.evaluate(_ACT, list(truth))
    _timed(window, "all layers hidden and shown", stage, [("key", "h")])
    for style in ("hatched", "outlined", "filled"):
        stage.evaluate(_ACT, ["key", "o"])
        _timed(window, f"truth {style}", stage, [("key", "o"), ("key", "o"), ("key", "o")])
    stage.evaluate(_ACT, ["key", "+"])
    stage.evaluate(_ACT, ["key", "+"])
    frames, works = stage.evaluate(_PAN)
    _line("panning: script at each move", f"{statistics.median(works):.2f} ms ({max(works):.1f})")
    _line("panning: frame to frame", f"{statistics.median(frames):.1f} ms ({max(frames):.1f})")


def _timed(window, title: str, stage, acts: list[tuple[str, str]]) -> None:
    """Time the last of some acts after the others, several times."""
    taken, ran = [], []
    for _ in range(RUNS):
        for act in acts[:-1]:
            stage.evaluate(_ACT, list(act))
            window.page.wait_for_timeout(250)
        frame, script = stage.evaluate(_ACT, list(acts[-1]))
        taken.append(frame)
        ran.append(script)
        window.page.wait_for_timeout(250)
    _line(title, f"{statistics.median(taken):.1f} ms ({max(taken):.1f}), script {statistics.median(ran):.1f} ms")


def _compositions(window, sent: list[int]) -> None:
    media = []
    window.page.on("response", lambda answer: media.append(answer) if "/media/" in answer.url else None)
    for name in ("False colour", "Index", "1 band", "True colour"):
        before = window.page.locator(".picture").evaluate_all("(all) => all.map((one) => one.src)")
        sent.clear()
        media.clear()
        started = time.perf_counter()
        window.page.get_by_test_id("stButtonGroup").first.get_by_text(name, exact=True).click()
        window.page.wait_for_function(_SHOWN, arg=before, timeout=60_000)
        taken = time.perf_counter() - started
        window.settle()
        files, messages = sum(len(answer.body()) for answer in media) / 1e6, sum(sent) / 1e6
        _line(f"new composition: {name}", f"{taken:.2f} s; pictures {files:.2f} MB, messages {messages:.2f} MB")


def _line(title: str, found: str) -> None:
    print(f"{title:<36}{found}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
