"""Which server a client takes for the right one when it speaks TLS."""

import hashlib
import ssl
from pathlib import Path

from chatctl.errors import UsageError

_HEX = 64


class Trust:
    """Certificates by authority, or one certificate by its fingerprint.

    A fingerprint replaces authority and name: it is for servers that signed their own, and pins
    exactly one certificate.
    """

    def __init__(self, ca: Path | None = None, fingerprint: str = "") -> None:
        """Trust the system's authorities and those in *ca*, or whatever has *fingerprint*.

        Raises:
            UsageError: *fingerprint* is not a SHA-256 in hex, or *ca* holds no certificates.
        """
        self._fingerprint = _bare(fingerprint)
        self.context = ssl.create_default_context()
        if self._fingerprint:
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
        elif ca is not None:
            try:
                self.context.load_verify_locations(ca)
            except ssl.SSLError:
                raise UsageError(f"{ca} holds no certificates in PEM form") from None
            except OSError as error:
                raise UsageError(f"cannot read {ca}: {error.strerror}") from None

    def check(self, link: ssl.SSLObject | ssl.SSLSocket | None) -> str:
        """Return what is wrong with the certificate *link* showed; nothing if it is the one."""
        if not self._fingerprint:
            return ""
        shown = link.getpeercert(binary_form=True) if link is not None else None
        digest = hashlib.sha256(shown or b"").hexdigest()
        if digest == self._fingerprint:
            return ""
        return f"the server's certificate has another fingerprint: {digest}"


def _bare(fingerprint: str) -> str:
    bare = fingerprint.replace(":", "").lower()
    if fingerprint and (len(bare) != _HEX or set(bare) - set("0123456789abcdef")):
        raise UsageError(f"{fingerprint!r} is not a SHA-256 fingerprint: 64 hex digits")
    return bare
