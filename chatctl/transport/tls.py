"""TLS for servers: the context, and its renewal without a restart."""

import ssl
from pathlib import Path

from chatctl.errors import UsageError


def server_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Return the context of a server with *certificate* (PEM, with its chain) and its *key*.

    Without *key* the certificate's file holds it too.

    Raises:
        UsageError: they cannot be read, or do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    reload(context, certificate, key)
    return context


def reload(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Let *context* show *certificate* to whoever connects from now on.

    Raises:
        UsageError: it cannot be read, or the key is another's; the context is as it was.
    """
    fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for target in (fresh, context):
        try:
            target.load_cert_chain(certificate, key, _no_password)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"cannot use the certificate {certificate}: {error}") from None


def _no_password() -> str:
    raise OSError("its key is encrypted; a key without a passphrase is needed")
