"""Writing and reading captures, side by side with tshark in one run.

    python benchmarks/capture.py [PACKETS]

Makes two captures of PACKETS chat packets (a million unless told otherwise): of a room of ten,
where everybody gets each saying, and of one client, where no two packets are alike. Reports the CPU
time that a packet costs the recorder; for each capture what tshark takes for ``-T fields``, bare
and with our dissector, what ``decode`` takes for its figures, JSON lines and table, how many times
as fast that is, and the memory of decode on a hundredth of the capture and on all of it; and a seek
by time. docs/performance.md says what was aimed at.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from chatctl.capture.config import RecordConfig
from chatctl.capture.converting.edit import sliced
from chatctl.capture.moments import Moment, Since, Span
from chatctl.capture.reading.earlier import Earlier
from chatctl.capture.reading.reader import read_batches, read_records
from chatctl.capture.reading.seek import open_at
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink
from chatctl.view.report import plugin
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction

PEERS = 10
DOWN = Direction.TO_CLIENT
TOGETHER = 1000
STARTER = """
import os, resource, sys
process = os.posix_spawn(
    sys.argv[1], sys.argv[1:], os.environ,
    file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
)
status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(status)
"""
WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "we", "talk")


def talk(count: int) -> Iterator[list[bytes]]:
    """Yield *count* frames of about a hundred octets, no two alike, a few together."""
    rng = random.Random(1)
    numbers = iter(range(count))
    while some := list(islice(numbers, TOGETHER)):
        yield [
            encode_frame(
                Chat(nick=f"peer{n % PEERS}", message=" ".join(rng.choices(WORDS, k=11)), seq=n + 1)
            )
            for n in some
        ]


def begun(path: Path, peers: int) -> Recorder:
    """Return a recorder of a server with so many connections."""
    recorder = Recorder(Sink(path), RecordConfig(str(path)), side="server")
    for conn in range(peers):
        recorder.opened(conn, f"127.0.0.1:{50_000 + conn}", "127.0.0.1:3490")
    return recorder


def write_room(path: Path, packets: int) -> float:
    """Record a room, each saying to all at once; return the CPU seconds that each packet took."""
    recorder, room, spent = begun(path, PEERS), range(PEERS), 0.0
    for frames in talk(packets // PEERS):
        begin = time.process_time()
        for number, frame in enumerate(frames):
            recorder.spread(room, DOWN, frame)
            if number % 5 == 0:
                recorder.flush()
        spent += time.process_time() - begin
    recorder.close()
    return spent / packets


def write_alone(path: Path, packets: int) -> float:
    """Record one client that reads; return the CPU seconds that each packet took."""
    recorder, spent = begun(path, 1), 0.0
    for frames in talk(packets):
        begin = time.process_time()
        for number, frame in enumerate(frames):
            recorder.crossed(0, DOWN, frame)
            if number % 50 == 0:
                recorder.flush()
        spent += time.process_time() - begin
    recorder.close()
    return spent / packets


def run(*command: str) -> tuple[float, int]:
    """Return the CPU seconds of *command* and the most memory it had, in KiB.

    A small process starts it: one that is started counts its parent's memory as its own.
    """
    told = subprocess.run(
        [sys.executable, "-S", "-c", STARTER, *command], capture_output=True, check=False
    )
    if told.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {told.returncode}")
    seconds, memory = told.stderr.split()[-2:]
    return float(seconds), int(memory)


def read(large: Path, small: Path, packets: int) -> None:
    """Print what reading *large* takes, and how its memory compares with that for *small*."""
    theirs = []
    if tshark := shutil.which("tshark"):
        fields = (tshark, "-r", str(large), "-T", "fields", "-e")
        script = large.with_suffix(".lua")
        script.write_text(plugin())
        for name, options in (
            ("tshark -T fields", ["frame.number"]),
            ("with our dissector", ["chatctl.type", "-X", f"lua_script:{script}"]),
        ):
            spent, memory = run(*fields, *options)
            theirs.append(spent / packets)
            print(f"  {name:<22}{theirs[-1] * 1e6:8.2f} µs, {memory / 1024:6.0f} MiB")
    decode = (sys.executable, "-m", "chatctl", "decode")
    for name, options in (("stats", ["--stats"]), ("json", ["--json"]), ("table", [])):
        spent, memory = run(*decode, *options, str(large))
        _, little = run(*decode, *options, str(small))
        own = spent / packets
        ratios = " and ".join(f"{each / own:.1f}" for each in theirs)
        ratio = f"{ratios} times as fast, " if theirs else ""
        growth = f"{memory / 1024:4.0f} MiB, {memory / little:.2f} times that of 1 %"
        print(f"  {'decode --' + name:<22}{own * 1e6:8.2f} µs, {ratio}{growth}")


def seek(path: Path) -> tuple[float, float]:
    """Return the seconds to the first record half way into *path*, and to who was there by then."""
    begin = next(read_records(path)).at
    half = max(1_000_000, (path.stat().st_mtime_ns - begin) // 2)
    span = Span(Moment(Since.BEGIN, half))
    seeks, looks = [], []
    for _ in range(5):
        started = time.perf_counter()
        found = open_at(path, lambda start: span.within(start)[0])
        if found is None:
            return 0.0, 0.0
        batches = read_batches(found.source)
        next(filter(None, sliced(batches, span, found.begin)), None)
        seeks.append(time.perf_counter() - started)
        Earlier(path, found.offset)
        looks.append(time.perf_counter() - started)
    return min(seeks), min(looks)


def main() -> None:
    """Run it all and print tables."""
    packets = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    load = os.getloadavg()[0]
    print(f"{packets:,} packets, Python {sys.version.split()[0]}, load average {load:.1f}")
    for name, write in (("a room of ten", write_room), ("one client", write_alone)):
        with tempfile.TemporaryDirectory() as folder:
            large, small = Path(folder, "large.pcapng"), Path(folder, "small.pcapng")
            cost = write(large, packets)
            write(small, max(PEERS, packets // 100))
            print(f"{name}, {large.stat().st_size / 1e6:.0f} MB")
            print(f"  {'recorder':<22}{cost * 1e6:8.2f} µs")
            read(large, small, packets)
            quick, whole = seek(large)
            told = f"with who was there {whole * 1000:.0f} ms"
            print(f"  {'seek to the middle':<22}{quick * 1000:8.2f} ms, {told}")


if __name__ == "__main__":
    main()
