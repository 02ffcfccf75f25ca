"""Steps written back as a capture."""

from collections.abc import Iterable

from chatctl.capture.config import RecordConfig, Redaction
from chatctl.capture.replay.steps import Act, Step
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import open_sink
from chatctl.errors import OutputError

CLIENT = "127.0.0.1:{port}"
SERVER = "127.0.0.1:3490"
FIRST_PORT = 40_000


def save(steps: Iterable[Step], path: str) -> None:
    """Write *steps* to *path* as pcapng, at their times, with addresses of this machine.

    Raises:
        OutputError: the file cannot be written.
    """
    config = RecordConfig(path, redaction=Redaction(()))
    now = 0
    try:
        recorder = Recorder(open_sink(config, copy=True), config, side="replay", clock=lambda: now)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    for step in steps:
        now = step.at
        _put(recorder, step)
        recorder.flush()
    recorder.close()
    if recorder.failure:
        raise OutputError(f"cannot write {path}: {recorder.failure}")


def _put(recorder: Recorder, step: Step) -> None:
    match step.act:
        case Act.OPEN:
            port = FIRST_PORT + step.conn % 20_000
            recorder.opened(step.conn, CLIENT.format(port=port), SERVER)
        case Act.PACKET | Act.JUNK:
            recorder.crossed(step.conn, step.direction, step.wire)
        case Act.CLOSE | Act.RESET:
            recorder.closed(step.conn, step.direction, "", reset=step.act is Act.RESET)
