"""Verdicts by keyboard in a browser: from a key to the pictures of the next event, and how many events a minute."""

import statistics
import sys
import time

from bench import browsing

EVENTS = 24
PAUSE_MS = 1500  # a reviewer looks at least so long, and meanwhile the next event is made ready
# from a key to the second frame in which both pictures are new and drawn
_WATCH = """() => {
    const roots = () => [...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean);
    const pictures = () => roots().flatMap((root) => [...root.querySelectorAll('.stage .picture')]);
    const before = pictures().map((one) => one.src);
    window.watched = new Promise((done) => window.addEventListener('keydown', (key) => {
        const began = performance.now();
        const look = () => {
            const all = pictures();
            const there = all.length > 1
                && all.every((one) => one.complete && one.naturalWidth && !before.includes(one.src));
            if (there) requestAnimationFrame(() => done(performance.now() - began));
            else requestAnimationFrame(look);
        };
        look();
    }, { once: true, capture: true }));
}"""


def main() -> int:
    """Print medians; 1 where there is no Chromium."""
    path = browsing.found()
    if path is None:
        return 1
    with browsing.opened(path) as window:
        _begin(window)
        _judge(window, "looked at for 1.5 s each", EVENTS // 2, PAUSE_MS)
        _judge(window, "as fast as the page goes", EVENTS // 2 - 2, 0)
    return 0


def inventory(number: int) -> bytes:
    """Return a list of so many events with a pair of dates each, as CSV."""
    rows = [f"e{n},{46 + n / 20},{11 + n / 20},2021-07-01,2021-06-01,2021-08-01" for n in range(number)]
    return "\n".join(["id,latitude,longitude,event_date,pre2,post1", *rows, ""]).encode()


def _begin(window) -> None:
    window.open("inventory")
    window.bring("list.csv", inventory(EVENTS))
    window.page.get_by_role("button", name="Next").click()
    window.settle()
    window.go("Review")
    window.page.get_by_label("Your name or initials").fill("Bench")
    window.page.get_by_label("Your name or initials").press("Enter")
    window.page.get_by_label("Your name or initials").evaluate("box => box.blur()")
    window.settle()


def _judge(window, title: str, number: int, pause_ms: int) -> None:
    taken, began = [], time.perf_counter()
    for n in range(number):
        window.page.wait_for_timeout(pause_ms)
        window.page.evaluate(_WATCH)
        window.page.keyboard.press(str(n % 8 + 1))
        taken.append(window.page.evaluate("window.watched") / 1000)
    minute = 60 * number / (time.perf_counter() - began)
    print(f"{title:<28}key to next pictures {statistics.median(taken):.2f} s, longest {max(taken):.2f} s; "
          f"{minute:.0f} events a minute", flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
