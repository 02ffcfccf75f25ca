"""Servers of ours as processes of their own, to be killed."""

import os
import subprocess
import sys


class Process:
    """``chatctl serve`` on a free port of 127.0.0.1."""

    def __init__(self, *options, preexec=None):
        command = [sys.executable, "-m", "chatctl", "serve", "--port", "0", *options]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=preexec,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.port = self._port()

    def _port(self):
        for line in self.process.stdout:
            if "server.listening" in line:
                return int(line.rpartition("127.0.0.1:")[2].split()[0].strip('",}'))
        raise AssertionError("the server never listened")

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=20)

    def terminate(self):
        """Ask it to end; return its status and what it still logged."""
        self.process.terminate()
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, rest
