"""Faults of the connection: late, dripping, cut, reset or not HTTP at all; and plain replies.

They write to the transport itself, past the HTTP library, which would not send such things.
"""

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crossmall.sandbox.trouble import Outgoing, Trouble

TRANSPORT = "crossmall.sandbox.transport"
DELAY_S = 2.0
HANG_S = 120.0  # longer than any sensible client waits; option --hang-s
DRIP_S = 1.0
CLOSE_S = 5.0
SKEW_S = 3600.0
SLICE_S = 0.05
LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # on, 0 s: reset

TROUBLES = (
    Trouble(name="delay", tells="answers after 2 s (`seconds`, up to 120)", seconds=DELAY_S),
    Trouble(name="timeout", tells="no answer for `--hang-s`; nothing applied", applied=False),
    Trouble(name="timeout_after_commit", tells="applied at once, no answer for `--hang-s`"),
    Trouble(name="late_commit", tells="applied after `--hang-s`, then answered"),
    Trouble(name="lost_reply", tells="applied, then the connection is reset without a reply"),
    Trouble(
        name="reset_before", tells="reset before the first byte; nothing applied", applied=False
    ),
    Trouble(name="close_early", tells="closed without a byte; nothing applied", applied=False),
    Trouble(name="reset_in_head", tells="reset in the middle of the headers"),
    Trouble(name="reset", tells="half of the announced body, then closed"),
    Trouble(name="reset_in_body", tells="half of the announced body, then reset"),
    Trouble(name="reset_after", tells="the whole reply, then reset"),
    Trouble(name="cut_chunks", tells="chunked, closed before the last chunk"),
    Trouble(
        name="slow_close", seconds=CLOSE_S,
        tells="no length announced; the close that ends the body comes 5 s late (`seconds`)",
    ),
    Trouble(name="drip", tells="one byte per second (`seconds` per byte)", seconds=DRIP_S),
    Trouble(name="not_http", tells="bytes that are no HTTP; nothing applied", applied=False),
    Trouble(
        name="clock_ahead", seconds=SKEW_S,
        tells="`Date` header and data of reads 1 h ahead (`seconds`)",
    ),
    Trouble(
        name="clock_behind", seconds=SKEW_S,
        tells="`Date` header and data of reads 1 h behind (`seconds`)",
    ),
)  # fmt: skip
SKEWS: Mapping[str, int] = {"clock_ahead": 1, "clock_behind": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a reply travels: the fault's name, its seconds, and a reply made only after a wait."""

    name: str = ""
    seconds: float = 0.0
    late: Callable[[], Outgoing] | None = None


class Reply(Response):
    """A reply on its way, dated by the shop's clock; faults of the connection happen here."""

    def __init__(self, outgoing: Outgoing, way: Way, now: Callable[[], int]) -> None:
        date = formatdate(now() + SKEWS.get(way.name, 0) * way.seconds, usegmt=True)
        super().__init__(outgoing.body, outgoing.status, {**outgoing.headers, "Date": date})
        self._way, self._now = way, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI side: waits, then plays the trouble or sends the reply as it is."""
        way = self._way
        if way.name in _WAITING:
            await asyncio.sleep(way.seconds)
        if way.late is not None:
            late = Reply(way.late(), Way(), self._now)
            await late(scope, receive, send)
            return
        played = _PLAYED.get(way.name)
        if played is None:
            await super().__call__(scope, receive, send)
            return
        wire = _Wire(scope[TRANSPORT], receive)
        await played(wire, self)
        await wire.until_closed()

    def head(self, *, length: bool = True, extra: str = "") -> bytes:
        """Status line and headers as bytes, with or without a length."""
        lines = [f"HTTP/1.1 {self.status_code} {HTTPStatus(self.status_code).phrase}"]
        lines += [
            f"{name.decode('latin-1')}: {value.decode('latin-1')}"
            for name, value in self.raw_headers
            if length or name != b"content-length"
        ]
        lines += ["Connection: close", *([extra] if extra else [])]
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    @property
    def whole(self) -> bytes:
        """The body."""
        return bytes(self.body)

    @property
    def seconds(self) -> float:
        """The fault's wait."""
        return self._way.seconds


_WAITING = frozenset({"delay", "timeout", "timeout_after_commit", "late_commit"})


class _Wire:
    """One connection, written to byte by byte."""

    def __init__(self, transport: asyncio.Transport, receive: Receive) -> None:
        self._transport = transport
        self._receive = receive

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def close(self) -> None:
        self._transport.close()

    def closing(self) -> bool:
        return self._transport.is_closing()

    async def reset(self) -> None:
        """Ends the connection with a reset; what was written before has left."""
        while self._transport.get_write_buffer_size() and not self.closing():
            await asyncio.sleep(SLICE_S)
        plug = self._transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # gone already
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        self._transport.abort()

    async def until_closed(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def _reset_before(wire: _Wire, _: Reply) -> None:
    await wire.reset()


async def _close_early(wire: _Wire, _: Reply) -> None:
    wire.close()


async def _reset_in_head(wire: _Wire, reply: Reply) -> None:
    head = reply.head()
    wire.write(head[: len(head) // 2])
    await asyncio.sleep(SLICE_S)
    await wire.reset()


async def _half(wire: _Wire, reply: Reply) -> None:
    wire.write(reply.head() + reply.whole[: len(reply.whole) // 2])
    wire.close()


async def _reset_in_body(wire: _Wire, reply: Reply) -> None:
    wire.write(reply.head() + reply.whole[: len(reply.whole) // 2])
    await asyncio.sleep(SLICE_S)
    await wire.reset()


async def _reset_after(wire: _Wire, reply: Reply) -> None:
    wire.write(reply.head() + reply.whole)
    await asyncio.sleep(SLICE_S)
    await wire.reset()


async def _cut_chunks(wire: _Wire, reply: Reply) -> None:
    half = reply.whole[: len(reply.whole) // 2 + 1]
    head = reply.head(length=False, extra="Transfer-Encoding: chunked")
    wire.write(head + f"{len(half):x}\r\n".encode() + half + b"\r\n")
    wire.close()


async def _slow_close(wire: _Wire, reply: Reply) -> None:
    wire.write(reply.head(length=False) + reply.whole)
    await asyncio.sleep(reply.seconds)
    wire.close()


async def _drip(wire: _Wire, reply: Reply) -> None:
    wire.write(reply.head())
    for place in range(len(reply.whole)):
        if wire.closing():
            break
        wire.write(reply.whole[place : place + 1])
        await asyncio.sleep(reply.seconds)
    wire.close()


async def _not_http(wire: _Wire, _: Reply) -> None:
    wire.write(b"\x16\x03\x01 [sandbox]\r\n\r\n")
    wire.close()


_PLAYED: Mapping[str, Callable[[_Wire, Reply], Awaitable[None]]] = {
    "lost_reply": _reset_before,
    "reset_before": _reset_before,
    "close_early": _close_early,
    "reset_in_head": _reset_in_head,
    "reset": _half,
    "reset_in_body": _reset_in_body,
    "reset_after": _reset_after,
    "cut_chunks": _cut_chunks,
    "slow_close": _slow_close,
    "drip": _drip,
    "not_http": _not_http,
}
