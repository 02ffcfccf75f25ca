"""Runs ``chatctl`` as a person's shell would, but with a clean environment and no terminal."""

import os
import subprocess
import sys


def environment(**more):
    """Return this process's environment without any setting of ours, plus *more*."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CHATCTL_")}
    clean.pop("FORCE_COLOR", None)
    nowhere = {"CHATCTL_CONFIG": os.devnull, "CHATCTL_STATE": os.devnull}
    return clean | nowhere | {"COLUMNS": "80"} | more


def run(*args, stdin="", code=None, **env):
    """Run ``chatctl ARGS``, or Python *code*, and return what came of it."""
    command = [sys.executable, *(["-c", code] if code else ["-m", "chatctl", *args])]
    return subprocess.run(
        command, env=environment(**env), capture_output=True, text=True, timeout=60, input=stdin
    )
