"""The virtual printer: `python -m printing.virtual --simulate --dir DIR [--port 0] [--control-port 0] [--dpi 203]`.

A process of its own on the loopback interface, for demonstrations and tests. It prints ZPL labels and PDF documents
into DIR (`000001.zpl`, `000002.pdf`, a picture where a renderer is installed, and a line each in `printed.jsonl`) and
answers `~HS ~HI ~HQES ~HQSN ~HQOD`, variables and the odometer. A label is printed at its `^XZ`; a PDF job is everything
up to the end of its connection, and only printed if it ends with `%%EOF`. Its first line of output is JSON with its
ports: `printer` counts labels, `document` is a second device in the same case that counts pages, `status` answers
variables in JSON while the first one is busy (9200), `control` takes the script.

The control port takes one sentence a line and answers `ok` or `what?`: `paper out`, `paper in`, `head open`,
`head closed`, `ribbon out`, `ribbon in`, `pause`, `resume`, `paper out within` and `head open within` (the next label is
spoilt by it), `roll MM` (another roll, which it knows once it is calibrated), `width MM`,
`marks` and `gaps` (what it says of that roll), `silent`, `echo` and `junk` (clones),
`speak`, `half open` and `whole`, `one at a time` and `all at once`, `slow BYTES_PER_SECOND`, `cut now`, and
`cut after BYTES`, which takes its power away within the next job. The same as a JSON object, `{"do": "paper out"}`, is
answered with one; `{"do": "state"}` tells how it is. Without `--simulate` it does not start: a simulated device must
never be taken for a real one.
"""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from printing.simulation.machine import DONE, JUNK, SERIAL, Machine
from printing.simulation.stream import Label, Setting, Stream
from printing.simulation.tray import Tray

_HOST = "127.0.0.1"
_PIECE = 4096
_REFUSED = 2


class VirtualPrinter:
    """A machine, its tray, and the connections to it."""

    def __init__(self, machine: Machine, tray: Tray) -> None:
        """Put the parts together."""
        self._machine = machine
        self._tray = tray
        self._open: set[asyncio.StreamWriter] = set()
        self._streams: set[Stream] = set()
        self._turn = asyncio.Lock()
        self._awake = asyncio.Event()
        """Clear while it is half open: it takes connections, and does nothing."""
        self._awake.set()
        self._alerting: set[asyncio.Task[None]] = set()

    async def serve_labels(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear one connection of the label printer to its end."""
        await self._serve(reader, writer, lambda: self._tray.labels)

    async def serve_documents(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear one connection of the document printer to its end."""
        await self._serve(reader, writer, lambda: self._tray.pages)

    async def serve_status(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer variables, whatever the printer's own port is busy with."""
        heard = ""
        async with self._connection(writer):
            while data := await reader.read(_PIECE):
                heard += data.decode("utf-8", "replace")
                answer = None if self._machine.clone else self._machine.answer_json(heard, self._tray.labels)
                if answer is not None:
                    heard = ""
                    writer.write(answer)
                    await writer.drain()

    @contextlib.asynccontextmanager
    async def _connection(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        self._open.add(writer)
        try:
            yield
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            writer.transport.abort()  # the other side is gone; what had not been complete is not printed
        finally:
            self._open.discard(writer)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, odometer: Callable[[], int]
    ) -> None:
        stream = Stream()
        self._streams.add(stream)
        try:
            async with self._connection(writer), self._alone():
                if await self._hear_all(reader, writer, stream, odometer):
                    document = stream.end()
                    if document is not None:
                        self._tray.keep(document.raw, "pdf")
        finally:
            self._streams.discard(stream)

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Wait for the connection before, where there is only one at a time."""
        if not self._machine.one_at_a_time:
            yield
            return
        async with self._turn:
            yield

    async def _hear_all(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: Stream, odometer: Callable[[], int]
    ) -> bool:
        """Read to the end of a connection; return False where the power went before."""
        received = 0
        while data := await reader.read(_PIECE):
            await self._awake.wait()
            if self._machine.bytes_per_second:
                await asyncio.sleep(len(data) / self._machine.bytes_per_second)
            cut = self._machine.cut_after
            self._hear(stream, data if cut is None else data[: max(0, cut - received)], writer, odometer)
            received += len(data)
            if cut is not None and received >= cut:
                self._machine.lose_power()
                _vanish(writer)
                return False
            await writer.drain()
        return True

    async def serve_control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take sentences, or objects that hold one, until the connection ends."""
        async with self._connection(writer):
            while line := await reader.readline():
                said = line.decode("utf-8", "replace").strip()
                writer.write((self._scripted(said) if said.startswith("{") else self._sentence(said)).encode() + b"\n")
                await writer.drain()

    def _scripted(self, said: str) -> str:
        try:
            wish = json.loads(said)
        except ValueError:
            wish = {}
        sentence = wish.get("do") if isinstance(wish, dict) else None
        if sentence == "state":
            counts = {"labels": self._tray.labels, "pages": self._tray.pages, "spoilt": self._tray.spoilt}
            return json.dumps({"ok": True, **self._machine.state(), **counts})
        return json.dumps({"ok": isinstance(sentence, str) and self._sentence(sentence) == "ok"})

    def _sentence(self, sentence: str) -> str:
        before = set(self._machine.troubles)
        understood = self._machine.script(sentence.lower())
        (self._awake.clear if self._machine.half_open else self._awake.set)()
        if sentence.lower() == "cut now":
            for writer in tuple(self._open):
                if writer.get_extra_info("sockname")[1] != self._control_port:
                    _vanish(writer)
        self._print_waiting()
        for trouble in sorted(self._machine.troubles - before):
            self._say(trouble)
        return "ok" if understood else "what?"

    _control_port = 0

    def controlled_at(self, port: int) -> None:
        """Know which connections are no part of the printer, and outlive its power."""
        self._control_port = port

    def _hear(self, stream: Stream, data: bytes, writer: asyncio.StreamWriter, odometer: Callable[[], int]) -> None:
        if self._machine.clone in ("echo", "junk") and data:
            writer.write(data if self._machine.clone == "echo" else JUNK)
        for heard in stream.feed(data):
            if isinstance(heard, Label):
                self._machine.waiting.append(heard.raw)
                self._print_waiting()
            elif isinstance(heard, Setting):
                self._machine.hear(heard.name, heard.value)
            else:
                within = any(each.within_label for each in self._streams)
                writer.write(self._machine.answer(heard.name, odometer(), within_label=within))

    def _print_waiting(self) -> None:
        before = set(self._machine.troubles)
        for out in self._machine.release():
            number = self._tray.keep(out.raw, "zpl", spoilt=out.spoilt)
            if not out.spoilt:
                self._tray.draw(number, out.raw, self._machine.dpi)
                self._say(DONE)
        for trouble in sorted(self._machine.troubles - before):
            self._say(trouble)

    def _say(self, condition: str) -> None:
        """Tell those who asked for it, in the printer's own words."""
        words = self._machine.words_of(condition)
        for alert in self._machine.alerts:
            if alert.condition in words:
                stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
                task = asyncio.get_running_loop().create_task(
                    _told(alert.host, alert.port, f"{words} [{stamp}] [{SERIAL}]")
                )
                self._alerting.add(task)
                task.add_done_callback(self._alerting.discard)


async def _told(host: str, port: int, words: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens: a printer says it once
        _, writer = await asyncio.open_connection(host, port)
        writer.write(words.encode() + b"\r\n")
        writer.close()
        await writer.wait_closed()


def _vanish(writer: asyncio.StreamWriter) -> None:
    """End a connection without a farewell: a reset, as from a device that has lost what it knew of it."""
    link = writer.get_extra_info("socket")
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def main(arguments: list[str] | None = None) -> int:
    """Run until the process is ended; return 2 where the flag is missing."""
    parser = argparse.ArgumentParser(prog="python -m printing.virtual", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--simulate", action="store_true", help="yes, this is not a real printer")
    parser.add_argument("--dir", type=Path, required=True, help="where prints are kept")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--status-port", type=int, default=0)
    parser.add_argument("--tied", action="store_true", help="end when standard input does: with whoever started it")
    parser.add_argument("--dpi", type=int, default=203, choices=(203, 300))
    chosen = parser.parse_args(arguments)
    if not chosen.simulate:
        sys.stderr.write("The virtual printer only runs with --simulate: nothing it prints is on paper.\n")
        return _REFUSED
    if chosen.tied:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    tray = Tray(chosen.dir, lambda: time.time_ns() // 1_000_000)
    try:
        asyncio.run(_serve(Machine(dpi=chosen.dpi), tray, chosen.port, chosen.control_port, chosen.status_port))
    except KeyboardInterrupt:
        return 0
    return 0


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


async def _serve(machine: Machine, tray: Tray, port: int, control_port: int, status_port: int) -> None:
    printer = VirtualPrinter(machine, tray)
    labels = await asyncio.start_server(printer.serve_labels, _HOST, port)
    documents = await asyncio.start_server(printer.serve_documents, _HOST, 0)
    status = await asyncio.start_server(printer.serve_status, _HOST, status_port)
    control = await asyncio.start_server(printer.serve_control, _HOST, control_port)
    servers = {"printer": labels, "document": documents, "status": status, "control": control}
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    printer.controlled_at(ports["control"])
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    async with labels, documents, status, control:
        await asyncio.gather(*(server.serve_forever() for server in servers.values()))


if __name__ == "__main__":
    sys.exit(main())
