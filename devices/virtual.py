"""Virtual scanners and scales: `python -m devices.virtual --simulate scanner --mode ssi`, `… scale --protocol sics`.

Each is a process of its own behind a pseudo-terminal. Its first line of output is JSON: `port` is what a station opens,
`control` a TCP port on the loopback interface that takes the script, one JSON object a line, and answers each with one:
`{"ok": true}`, with what was asked for, or `{"ok": false}`.

Both take `state` (what it was told), `freeze`, `thaw`, `noise` (`hex`), `half` (the beginning of a frame and no more),
`unplug` and `plug` (a new pseudo-terminal; the answer names it). A scanner takes `scan` (`code` with `{GS}` for a
separator, and its symbology as `aim`), `store` and `in_range` (its memory); a scale takes `put` (`grams`), `moving` and
`still`. Without `--simulate` it does not start: a simulated device must never be taken for a real one.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import threading
import tty
from collections.abc import Callable
from typing import Any

from devices.drivers.not_real import mark
from devices.framing.text import Ending
from devices.scale_formats.asking import ScaleProtocol
from devices.simulation.scale import PROTOCOLS, VirtualScale
from devices.simulation.scanner import MODES, VirtualScanner

_HOST = "127.0.0.1"
_PIECE = 4096
_REFUSED = 2
_LOOK_SECONDS = 0.05
_AGAIN_SECONDS = {VirtualScanner: 2.0, VirtualScale: 0.1}
"""How long a scanner waits to be acknowledged; how often a stream speaks."""


class Socket:
    """A device in its pseudo-terminal, plugged in or not."""

    def __init__(self, device: VirtualScanner | VirtualScale) -> None:
        """Begin unplugged."""
        self._device = device
        self._master: int | None = None

    def plug(self) -> str:
        """Plug it in and return the port it has now."""
        self.unplug()
        self._master, slave = os.openpty()
        tty.setraw(slave)
        mark(slave)
        os.set_blocking(self._master, False)
        name = os.ttyname(slave)
        os.close(slave)  # or whoever looks who holds the port finds us
        self._listen(self._master)
        return name

    def unplug(self) -> None:
        """Pull it out."""
        if self._master is not None:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            self._master = None

    def send(self, data: bytes) -> None:
        """Send to whoever has the port open."""
        if self._master is not None and data:
            with contextlib.suppress(BlockingIOError):  # nobody reads: a real wire loses it, too
                os.write(self._master, data)

    async def speak(self) -> None:
        """Send what it says by itself, for good."""
        while True:
            await asyncio.sleep(_AGAIN_SECONDS[type(self._device)])
            self.send(self._device.again())

    def wish(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Do what the script says, and answer."""
        match wish:
            case {"do": "plug"}:
                return {"ok": True, "port": self.plug()}
            case {"do": "unplug"}:
                self.unplug()
            case {"do": "state"}:
                return {"ok": True} | self._device.state()
            case _:
                try:
                    data = self._device.script(wish)
                except ValueError:  # no hexadecimal
                    data = None
                if data is None:
                    return {"ok": False}
                self.send(data)
        return {"ok": True}

    def _listen(self, master: int) -> None:
        if master == self._master:
            asyncio.get_running_loop().add_reader(master, self._heard, master)

    def _heard(self, master: int) -> None:
        try:
            data = os.read(master, _PIECE)
        except OSError:  # nobody has it open
            loop = asyncio.get_running_loop()
            loop.remove_reader(master)
            loop.call_later(_LOOK_SECONDS, self._listen, master)
        else:
            self.send(self._device.hears(data))


async def _control(socket: Socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):  # whoever held the script has gone; the device stays as it is
        while line := await reader.readline():
            try:
                wish = json.loads(line)
            except ValueError:
                wish = None
            answer = socket.wish(wish) if isinstance(wish, dict) else {"ok": False}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()
        await writer.wait_closed()


async def _serve(device: VirtualScanner | VirtualScale, control_port: int, say: Callable[[str], None]) -> None:
    socket = Socket(device)
    control = await asyncio.start_server(lambda *ends: _control(socket, *ends), _HOST, control_port)
    say(json.dumps({"port": socket.plug(), "control": control.sockets[0].getsockname()[1]}))
    async with control:
        await asyncio.gather(control.serve_forever(), socket.speak())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main(arguments: list[str] | None = None) -> int:
    """Run until the process is ended; return 2 where the flag is missing."""
    parser = argparse.ArgumentParser(prog="python -m devices.virtual", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--simulate", action="store_true", help="yes, this is not a real device")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--tied", action="store_true", help="end when standard input does: with whoever started it")
    kinds = parser.add_subparsers(dest="kind", required=True)
    scanner = kinds.add_parser("scanner")
    scanner.add_argument("--mode", choices=MODES, default="text")
    scanner.add_argument("--ending", type=Ending, choices=list(Ending), default=Ending.CR)
    scanner.add_argument("--no-aim", action="store_true", help="it does not name the symbology")
    scale = kinds.add_parser("scale")
    scale.add_argument("--protocol", type=ScaleProtocol, choices=PROTOCOLS, default=ScaleProtocol.SICS)
    scale.add_argument("--most-grams", type=int, default=30_000)
    chosen = parser.parse_args(arguments)
    if not chosen.simulate:
        sys.stderr.write("A virtual device only runs with --simulate: nobody scans or weighs with it.\n")
        return _REFUSED
    if chosen.tied:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    device: VirtualScanner | VirtualScale
    if chosen.kind == "scanner":
        device = VirtualScanner(chosen.mode, chosen.ending, names_symbology=not chosen.no_aim)
    else:
        device = VirtualScale(chosen.protocol, chosen.most_grams)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(device, chosen.control_port, _say))
    return 0


if __name__ == "__main__":
    sys.exit(main())
