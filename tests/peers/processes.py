"""Servers of ours as processes of their own, to be killed."""

import os
import subprocess
from threading import Event, Thread

from tests.peers.programs import CHATCTL


class Process:
    """``chatctl serve`` on a free port of 127.0.0.1."""

    def __init__(self, *options, preexec=None, stdin=None):
        command = [*CHATCTL, "serve", "--port", "0", *options]
        self.process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=preexec,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.log = ""
        self._listens = Event()
        self._reader = Thread(target=self._read_log)
        self._reader.start()
        assert self._listens.wait(60), self.log
        self.port = int(self.log.rpartition("127.0.0.1:")[2].split()[0].strip('",}'))

    def _read_log(self):
        """Take what it logs: a server whose log nobody reads would stand still."""
        for line in self.process.stdout:
            self.log += line
            if "server.listening" in line:
                self._listens.set()
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.ended()

    def terminate(self):
        """Ask it to end; return its status and what it logged."""
        self.process.terminate()
        return self.ended()

    def ended(self):
        """Wait for its end; return its status and what it logged."""
        status = self.process.wait(30)
        self._reader.join(20)
        return status, self.log
