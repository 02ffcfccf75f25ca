"""Logging: one line per event, for people (logfmt) or for machines (JSON lines).

A module logs an event by its stable name, and what belongs to it as fields, never inside the name:

    logger = logging.getLogger(__name__)
    logger.info("connection.opened", extra={"fields": {"conn": 3, "peer": "127.0.0.1:50312"}})

    2026-11-22T10:31:04.117Z info connection.opened conn=3 peer=127.0.0.1:50312
    {"time":"2026-11-22T10:31:04.117Z","level":"info","event":"connection.opened","conn":3,…}

Names and fields are listed in docs/operations.md. Fields may hold what peers
sent: they are escaped.
"""

import logging
import re
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from chatctl.view.escape import escape

_PLAIN = re.compile(r"""[^\s"=]+""")


class LogLevel(StrEnum):
    """The least severe event that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a logged event is written."""

    TEXT = "text"
    JSON = "json"


def set_up(level: LogLevel, form: LogFormat, file: Path | None) -> None:
    """Send events of *level* and above to *file* (appended to), else to stderr.

    Raises:
        OSError: *file* cannot be opened.
    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if file is not None:
        handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.raiseExceptions = False  # a full disk or a closed stderr must not end the chat


class TextLines(logging.Formatter):
    """An event as ``time level event key=value …``; a value with spaces is quoted."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as one line."""
        pairs = [f"{key}={_value(value)}" for key, value in _fields(self, record).items()]
        return " ".join([_time(record), _level(record), escape(record.getMessage()), *pairs])


class JsonLines(logging.Formatter):
    """An event as an object with ``time``, ``level``, ``event``, ``logger`` and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as one line."""
        from chatctl.wire.codec import write_json

        event = {
            "time": _time(record),
            "level": _level(record),
            "event": escape(record.getMessage()),
            "logger": record.name,
        }
        fields = {key: _plain(value) for key, value in _fields(self, record).items()}
        return write_json({**event, **fields, **event}).decode()


def _fields(formatter: logging.Formatter, record: logging.LogRecord) -> dict[str, Any]:
    fields = dict(getattr(record, "fields", {}))
    if record.exc_info:
        fields["traceback"] = formatter.formatException(record.exc_info)
    return fields


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _level(record: logging.LogRecord) -> str:
    return record.levelname.lower()


def _value(value: object) -> str:
    text = escape(f"{value:.6g}" if isinstance(value, float) else str(value))
    if _PLAIN.fullmatch(text):
        return text
    quoted = text.replace('"', '\\"')
    return f'"{quoted}"'


def _plain(value: Any) -> Any:
    """Return *value* as something JSON has; text is escaped, since logs are read in terminals."""
    return value if value is None or isinstance(value, bool | int | float) else escape(str(value))
