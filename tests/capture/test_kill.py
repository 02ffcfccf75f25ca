"""Whatever was flushed is on file, even if the recording process is killed at once."""

import subprocess
import sys

from chatctl.capture.reading.reader import read_records
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Kind

CHILD = """
import sys
from chatctl.capture.config import RecordConfig
from chatctl.capture.writing.recorder import open_recorder
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Direction, Say

recorder = open_recorder(RecordConfig(sys.argv[1]), side="server")
recorder.opened(1, "127.0.0.1:50000", "127.0.0.1:3490")
number = 0
while True:
    for _ in range(7):
        recorder.crossed(1, Direction.TO_SERVER, encode_frame(Say(message=str(number))))
        number += 1
    recorder.flush()
    print(number, flush=True)
"""


def test_kill_9_loses_nothing_that_was_flushed(tmp_path):
    path = tmp_path / "talk.pcapng"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child:
        flushed = [int(child.stdout.readline()) for _ in range(300)][-1]
        child.kill()

    findings = Findings()
    data = [r for r in read_records(path, findings=findings) if r.kind is Kind.DATA]

    assert len(data) >= flushed == 2100
    assert findings.closed is False
