"""The virtual printer: `python -m printing.virtual --simulate --dir DIR [--port 0] [--control-port 0] [--dpi 203]`.

A process of its own on the loopback interface, for demonstrations and tests. It prints ZPL labels and PDF documents
into DIR (`000001.zpl`, `000002.pdf`, a picture where a renderer is installed, and a line each in `printed.jsonl`) and
answers `~HS ~HI ~HQES` and the odometer. A label is printed at its `^XZ`; a PDF job is everything up to the end of its
connection, and only printed if it ends with `%%EOF`. Its first line of output is JSON with its ports: `printer` counts
labels, `document` is a second device in the same case that counts pages, `control` takes the script.

The control port takes one sentence a line and answers `ok` or `what?`: `paper out`, `paper in`, `head open`,
`head closed`, `ribbon out`, `ribbon in`, `pause`, `resume`, `mute`, `speak`, `slow BYTES_PER_SECOND`, and
`cut after BYTES`, which takes its power away within the next job. Without `--simulate` it does not start: a simulated
device must never be taken for a real one.
"""

import argparse
import asyncio
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from printing.simulation.machine import Machine
from printing.simulation.stream import Label, Stream
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

    async def serve_labels(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear one connection of the label printer to its end."""
        await self._serve(reader, writer, lambda: self._tray.labels)

    async def serve_documents(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear one connection of the document printer to its end."""
        await self._serve(reader, writer, lambda: self._tray.pages)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, odometer: Callable[[], int]
    ) -> None:
        stream = Stream()
        received = 0
        try:
            while data := await reader.read(_PIECE):
                if self._machine.bytes_per_second:
                    await asyncio.sleep(len(data) / self._machine.bytes_per_second)
                cut = self._machine.cut_after
                self._hear(stream, data if cut is None else data[: max(0, cut - received)], writer, odometer)
                received += len(data)
                if cut is not None and received >= cut:
                    self._machine.lose_power()
                    _vanish(writer)
                    return
                await writer.drain()
            document = stream.end()
            if document is not None:
                self._tray.keep(document.raw, "pdf")
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            writer.transport.abort()  # the other side is gone; what had not been complete is not printed

    async def serve_control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take sentences until the connection ends."""
        try:
            while line := await reader.readline():
                understood = self._machine.script(line.decode("utf-8", "replace").strip().lower())
                self._print_waiting()
                writer.write(b"ok\n" if understood else b"what?\n")
                await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            writer.transport.abort()  # whoever held the script has gone; the printer stays as it is

    def _hear(self, stream: Stream, data: bytes, writer: asyncio.StreamWriter, odometer: Callable[[], int]) -> None:
        for heard in stream.feed(data):
            if isinstance(heard, Label):
                self._machine.waiting.append(heard.raw)
                self._print_waiting()
            else:
                writer.write(self._machine.answer(heard.name, odometer(), within_label=stream.within_label))

    def _print_waiting(self) -> None:
        for raw in self._machine.release():
            number = self._tray.keep(raw, "zpl")
            self._tray.draw(number, raw, self._machine.dpi)


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
    parser.add_argument("--tied", action="store_true", help="end when standard input does: with whoever started it")
    parser.add_argument("--dpi", type=int, default=203, choices=(203, 300))
    chosen = parser.parse_args(arguments)
    if not chosen.simulate:
        sys.stderr.write("The virtual printer only runs with --simulate: nothing it prints is on paper.\n")
        return _REFUSED
    if chosen.tied:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    tray = Tray(chosen.dir, lambda: time.time_ns() // 1_000_000)
    printer = VirtualPrinter(Machine(dpi=chosen.dpi), tray)
    try:
        asyncio.run(_serve(printer, chosen.port, chosen.control_port))
    except KeyboardInterrupt:
        return 0
    return 0


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


async def _serve(printer: VirtualPrinter, port: int, control_port: int) -> None:
    labels = await asyncio.start_server(printer.serve_labels, _HOST, port)
    documents = await asyncio.start_server(printer.serve_documents, _HOST, 0)
    control = await asyncio.start_server(printer.serve_control, _HOST, control_port)
    servers = {"printer": labels, "document": documents, "control": control}
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    async with labels, documents, control:
        await asyncio.gather(*(server.serve_forever() for server in servers.values()))


if __name__ == "__main__":
    sys.exit(main())
