"""Programs of other protocols that call our port: recognised by their first octets."""

_HTTP = (b"GET ", b"POST", b"HEAD", b"PUT ", b"OPTI", b"CONN", b"DELE", b"PATC", b"TRAC", b"PRI ")
_TLS_RECORD = b"\x16\x03"
_HTTP_ANSWER = (
    b"HTTP/1.0 400 Bad Request\r\n\r\nThis is a chatctl server; it does not speak HTTP.\r\n"
)
_TLS_ANSWER = b"This port of the chatctl server does not speak TLS.\r\n"


def foreign_greeting(data: bytes) -> bytes:
    """Return one line for a program that begins with *data* but speaks HTTP or TLS; else nothing.

    Read as lengths, the first octets of HTTP are over the limit for payloads anyway. Those of TLS
    are not, but a payload that begins with 0x01 to 0x04 is no JSON.
    """
    if data.startswith(_HTTP):
        return _HTTP_ANSWER
    if data.startswith(_TLS_RECORD) and data[2:3] in (b"\x00", b"\x01", b"\x02", b"\x03", b"\x04"):
        return _TLS_ANSWER
    return b""
