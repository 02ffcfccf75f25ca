"""Payloads to packets and back: the one place in the package that speaks JSON.

A decoder refuses what would trouble a reader later: octets that are not UTF-8 (msgspec skips over
them inside unknown members), nesting deeper than 8, NaN, lone surrogates. Members may come in any
order, unknown ones are ignored, the last of two equal names counts (of two types that differ,
neither). docs/protocol.md, section "Payloads".
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from chatctl.errors import MalformedPayload
from chatctl.wire.framing import frame
from chatctl.wire.packets import BaseToServer, Direction, Packet, ToClient, ToServer, Unknown

MAX_DEPTH = 8
T = TypeVar("T")
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_NO_BRACKET = re.compile(rb"[^][{}]+")
_LONE_SURROGATE = re.compile(
    rb"(?<!\\)(?:\\\\)*\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])", re.DOTALL
)

P = TypeVar("P")


class _Envelope(msgspec.Struct):
    type: str
    id: Any = ""


_encoder = msgspec.json.Encoder()
_to_server = msgspec.json.Decoder(ToServer)
_to_client = msgspec.json.Decoder(ToClient)
_base_to_server = msgspec.json.Decoder(BaseToServer)
_envelope = msgspec.json.Decoder(_Envelope)
_any = msgspec.json.Decoder()
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _tags(union: Any) -> frozenset[str]:
    return frozenset(str(struct.__struct_config__.tag) for struct in union.__args__)


TO_SERVER_TYPES = _tags(ToServer)
TO_CLIENT_TYPES = _tags(ToClient)
BASE_TO_SERVER_TYPES = _tags(BaseToServer)


def encode(packet: Packet) -> bytes:
    """Return the payload of *packet*: compact JSON, ``type`` first, then the guide's order.

    Raises:
        MalformedPayload: a string in it cannot be UTF-8 (a lone surrogate).
    """
    try:
        return _encoder.encode(packet)
    except UnicodeEncodeError as error:
        raise _not_unicode(error) from None


def encode_frame(packet: Packet) -> bytes:
    """Return *packet* as it goes over the wire.

    Raises:
        MalformedPayload: see ``encode``.
        PayloadTooBig: its payload is longer than 65,535 octets.
    """
    try:
        return frame(_encoder.encode(packet))
    except UnicodeEncodeError as error:
        raise _not_unicode(error) from None


def encode_frames(packets: Iterable[Packet]) -> list[bytes]:
    """Return each of *packets* as it goes over the wire.

    Raises:
        MalformedPayload, PayloadTooBig: see ``encode_frame``.
    """
    try:
        return list(map(frame, map(_encoder.encode, packets)))
    except UnicodeEncodeError as error:
        raise _not_unicode(error) from None


def decode_to_server(payload: bytes) -> ToServer | Unknown:
    """Return the packet an extended client sent.

    Raises:
        MalformedPayload: the payload is not one.
    """
    try:  # the usual case, without a further call
        if payload.isascii() and payload.count(b"{") + payload.count(b"[") <= MAX_DEPTH:
            packet: ToServer = _to_server.decode(payload)
            return packet
    except msgspec.MsgspecError:
        pass
    return _decode(_to_server, TO_SERVER_TYPES, payload)


def decode_to_client(payload: bytes) -> ToClient | Unknown:
    """Return the packet a server sent.

    Raises:
        MalformedPayload: the payload is not one.
    """
    try:  # the usual case, without a further call
        if payload.isascii() and payload.count(b"{") + payload.count(b"[") <= MAX_DEPTH:
            packet: ToClient = _to_client.decode(payload)
            return packet
    except msgspec.MsgspecError:
        pass
    return _decode(_to_client, TO_CLIENT_TYPES, payload)


def decode_base_to_server(payload: bytes) -> BaseToServer | Unknown:
    """Return the packet a base client sent, whatever the members beyond the guide's hold.

    Raises:
        MalformedPayload: the payload is not one.
    """
    return _decode(_base_to_server, BASE_TO_SERVER_TYPES, payload)


def decode_each_to_server(payloads: list[bytes]) -> list[ToServer | Unknown | MalformedPayload]:
    """Return the packets an extended client sent; for a payload that is none, the error."""
    return _decode_each(_to_server, payloads, decode_to_server)


def decode_each_base_to_server(
    payloads: list[bytes],
) -> list[BaseToServer | Unknown | MalformedPayload]:
    """Return the packets a base client sent; for a payload that is none, the error."""
    return _decode_each(_base_to_server, payloads, decode_base_to_server)


def decode_each_to_client(payloads: list[bytes]) -> list[ToClient | Unknown | MalformedPayload]:
    """Return the packets a server sent; for a payload that is none, the error."""
    return _decode_each(_to_client, payloads, decode_to_client)


def decode(payload: bytes, direction: Direction) -> Packet | Unknown:
    """Return the packet that *payload*, seen travelling in *direction*, is.

    Raises:
        MalformedPayload: the payload is not one.
    """
    if direction is Direction.TO_CLIENT:
        return decode_to_client(payload)
    return decode_to_server(payload)


def read_json(text: bytes) -> Any:
    """Return the value of any JSON *text*, strictly UTF-8, as plain Python objects.

    Raises:
        MalformedPayload: it is not JSON.
    """
    try:
        _check_text(text)
        return _any.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error, text) from None


def is_object(text: bytes) -> bool:
    """Return whether *text* is a JSON object to ``read_json``; quick to say no."""
    try:
        _object.decode(text)  # stops at the first fault, before anything is built or counted
        return isinstance(read_json(text), dict)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, MalformedPayload):
        return False


def read_as(kind: type[T], text: bytes) -> T:
    """Return what JSON *text*, strictly UTF-8, says of *kind*, a struct; unknown members pass.

    Raises:
        MalformedPayload: it is not JSON, or not of that kind.
    """
    try:
        if not text.isascii():
            text.decode()
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error, text) from None


def indented(text: bytes) -> str:
    """Return JSON *text* over several lines, every number and string spelled as it was.

    Raises:
        MalformedPayload: it is not JSON.
    """
    read_json(text)
    return msgspec.json.format(text, indent=2).decode()


def write_json(value: object) -> bytes:
    """Return *value*, plain objects or structs, as compact JSON in UTF-8.

    Raises:
        MalformedPayload: a string in it cannot be UTF-8 (a lone surrogate).
    """
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError as error:
        raise _not_unicode(error) from None


def _decode_each(
    decoder: msgspec.json.Decoder[P],
    payloads: list[bytes],
    decode_one: Callable[[bytes], P | Unknown],
) -> list[P | Unknown | MalformedPayload]:
    try:  # the usual case: nothing wrong with any, which is quickly seen for all together
        if len(payloads) > 1 and _is_plain(payloads):  # to one alone it would be further work
            return list(map(decoder.decode, payloads))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    return [_packet_or_error(decode_one, payload) for payload in payloads]


def _is_plain(payloads: list[bytes]) -> bool:
    """Return whether none of *payloads*, if they are JSON objects, nests too deep or is not UTF-8.

    Each object has one bracket at least, which leaves seven more for the one that has most.
    """
    text = b" ".join(payloads)
    if not text.isascii():
        text.decode()
    return text.count(b"{") + text.count(b"[") < len(payloads) + MAX_DEPTH


def _packet_or_error(
    decode_one: Callable[[bytes], P | Unknown], payload: bytes
) -> P | Unknown | MalformedPayload:
    try:
        return decode_one(payload)
    except MalformedPayload as error:
        return error


def _decode(decoder: msgspec.json.Decoder[P], known: frozenset[str], payload: bytes) -> P | Unknown:
    try:
        _check_text(payload)
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        return _unknown(payload, known, error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error, payload) from None


def _check_text(payload: bytes) -> None:
    if not payload.isascii():
        payload.decode()
    if payload.count(b"{") + payload.count(b"[") > MAX_DEPTH:
        _check_depth(payload)


def _check_depth(payload: bytes) -> None:
    """Raise RecursionError where brackets outside of strings nest deeper than MAX_DEPTH."""
    depth = 0
    for bracket in _NO_BRACKET.sub(b"", _STRING.sub(b"", payload)):
        depth += 1 if bracket in b"{[" else -1
        if depth > MAX_DEPTH:
            raise RecursionError


def _unknown(payload: bytes, known: frozenset[str], fault: Exception) -> Unknown:
    """Return *payload*, in which a decoder found *fault*, if the fault was only a strange type."""
    try:
        envelope = _envelope.decode(payload)
    except msgspec.ValidationError:
        raise _malformed(fault, payload) from None
    except msgspec.DecodeError as error:
        raise _malformed(error, payload) from None
    if envelope.type in known:
        raise _malformed(fault, payload)
    return Unknown(envelope.type, envelope.id if isinstance(envelope.id, str) else "")


def _not_unicode(error: UnicodeEncodeError) -> MalformedPayload:
    return MalformedPayload(f"text that is not Unicode: {error.reason}")


def _malformed(error: Exception, text: bytes) -> MalformedPayload:
    if isinstance(error, RecursionError):
        return MalformedPayload(f"nested deeper than {MAX_DEPTH}")
    if isinstance(error, UnicodeDecodeError):
        return MalformedPayload(f"not UTF-8 at octet {error.start}")
    if "truncated" in str(error) and _LONE_SURROGATE.search(text):
        return MalformedPayload("a lone surrogate, which is half a character")
    return MalformedPayload(str(error))
