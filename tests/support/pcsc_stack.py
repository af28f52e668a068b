"""A private PC/SC service with vsmartcard's virtual reader, for one test or a module of them.

Each stack lives in mount, network and process namespaces of its own, so several run side by side
and none touches the machine's pcscd. Everything that runs inside dies with the stack, and the
stack dies with the test process, however that ends.
"""

import ctypes
import functools
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

READER = "Virtual PCD 00 00"
SECOND_READER = "Virtual PCD 00 01"
VPCD_PORT = 35963
READY_SECONDS = 10.0

_CLONE_NEWPID = 0x20000000
_DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_UNSHARE = ("unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc")
# The first process inside ends when its stdin does, that is with the test process, and takes all
# others with it. A fresh /run hides the machine's pcscd, and its D-Bus with the polkit behind it.
_HOLD = (
    "ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/pcscd && echo ready && exec cat"
)
_READER_CONF = f"""FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:{VPCD_PORT:#x}
LIBPATH {_DRIVER}
CHANNELID {VPCD_PORT:#x}
"""

# Waits in PC/SC itself until the slot holds a card (1) or not (0).
_WAIT_FOR_CARD = """
import sys
from smartcard import scard
reader, wanted, seconds = sys.argv[1], sys.argv[2] == "1", float(sys.argv[3])
result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
state = scard.SCARD_STATE_UNAWARE
for _ in range(20):
    try:
        result, states = scard.SCardGetStatusChange(context, int(seconds * 1000), [(reader, state)])
    except SystemError:  # pyscard while pcscd is being killed or started
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        continue
    state = states[0][1]
    if bool(state & scard.SCARD_STATE_PRESENT) is wanted:
        sys.exit(0)
    if result:
        sys.exit(hex(result & 0xFFFFFFFF))
"""


class CardProcess:
    """A ``kiosk simulate-card`` that runs; its first line has been read."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.pin = self.wait_for("")

    def wait_for(self, beginning: str, seconds: float = READY_SECONDS) -> str:
        """Return the next line that begins so; fail when none comes."""
        while True:
            line = self._lines.get(timeout=seconds)
            if line.startswith(beginning):
                return line

    def say(self, line: str) -> None:
        """Give it an order: out, in, person NAME, quit."""
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close(self) -> int:
        """End it as a supervisor would; return its exit status."""
        self.process.terminate()
        status = self.process.wait(READY_SECONDS)
        self._thread.join()
        return status

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))


class PcscStack:
    """One pcscd and what runs beside it; made by :func:`pcsc_stack`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._children: list[subprocess.Popen[Any]] = []
        self._pcscd: subprocess.Popen[Any] | None = None
        self._holder = subprocess.Popen(
            [*_UNSHARE, "sh", "-c", _HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._holder.stdout
        said = self._holder.stdout.readline()
        assert said == b"ready\n", said

    def start_pcscd(self, *, reader: bool = True, env: Mapping[str, str] | None = None) -> None:
        """Start the service, with the virtual reader or with none, and wait until it is ready."""
        conf = self.folder / ("vpcd.conf" if reader else "none.conf")
        conf.write_text(_READER_CONF if reader else "")
        with (self.folder / "pcscd.log").open("ab") as log:
            self._pcscd = self.popen(
                *("pcscd", "--foreground", "--config", str(conf)),
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
            )
        self.wait_until(self.is_ready if reader else self._has_socket)

    def kill_pcscd(self) -> None:
        """Kill the service as a crash would, leaving its socket file behind."""
        self.signal_pcscd(signal.SIGKILL)
        assert self._pcscd
        self._pcscd.wait()
        self._pcscd = None

    def restart_pcscd(self, *, reader: bool = True) -> None:
        """Kill the service and start it anew."""
        self.kill_pcscd()
        self._file("run/pcscd/pcscd.comm").unlink(missing_ok=True)
        self.start_pcscd(reader=reader)

    def stop_pcscd(self) -> None:
        """Make the service hang; ``continue_pcscd`` ends it."""
        self.signal_pcscd(signal.SIGSTOP)

    def continue_pcscd(self) -> None:
        """Let a hanging service go on."""
        self.signal_pcscd(signal.SIGCONT)

    def signal_pcscd(self, number: signal.Signals) -> None:
        """Send the service a signal."""
        assert self._pcscd, "no pcscd runs"
        self._pcscd.send_signal(number)

    def run(
        self, *command: str, timeout: float = 30, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside to its end; what it printed is in the result."""
        with self.popen(
            *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        ) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def python(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run this Python inside, as in ``python("-c", script)``."""
        return self.run(sys.executable, *arguments, **options)

    def simulate_card(self, *arguments: str, pki: Path, reader: str = READER) -> CardProcess:
        """Start ``kiosk simulate-card`` inside and wait until PC/SC sees its card."""
        process = self.popen(
            *(sys.executable, "-m", "kiosk", "simulate-card", "--pki", str(pki), *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        card = CardProcess(process)
        card.wait_for("card in reader: ")
        self.wait_for_card(reader=reader)
        return card

    def wait_for_card(
        self, *, present: bool = True, seconds: float = READY_SECONDS, reader: str = READER
    ) -> None:
        """Wait until PC/SC sees a card in the reader, or sees none any more."""
        waited = self.python("-c", _WAIT_FOR_CARD, reader, str(int(present)), str(seconds))
        assert waited.returncode == 0, waited.stderr + self.log()

    def popen(self, *command: str, **options: Any) -> subprocess.Popen[Any]:
        """Start a command inside. It is a child of this process, so signals reach it."""
        namespaces = f"/proc/{self._holder.pid}/ns"
        enter = ("nsenter", f"--mount={namespaces}/mnt", f"--net={namespaces}/net")
        # Without it a changed root (chroot) would be left for the machine's own.
        root = f"--root={self._file('')}"
        here = f"--wd={options.pop('cwd', Path.cwd())}"
        with _children_in(f"{namespaces}/pid_for_children"):
            process = subprocess.Popen([*enter, root, here, "--", *command], **options)
        self._children.append(process)
        return process

    def is_ready(self) -> bool:
        """Whether the service listens, and its reader for cards."""
        return self._has_socket() and self._listens(VPCD_PORT)

    def wait_until(self, condition: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Look again and again; fail when the time is over."""
        give_up = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < give_up, f"not in {seconds} s: {condition}\n{self.log()}"
            assert self._pcscd is None or self._pcscd.poll() is None, self.log()
            time.sleep(0.005)  # neither pcscd nor a port tells when it is there

    def log(self) -> str:
        """What pcscd has said so far."""
        path = self.folder / "pcscd.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def close(self) -> None:
        """End everything inside, and wait until it has ended."""
        self._holder.kill()
        assert self._holder.stdin
        self._holder.stdin.close()
        for child in self._children:  # the namespace ends when its processes are collected
            child.wait()
            for pipe in (child.stdin, child.stdout, child.stderr):
                if pipe is not None:
                    pipe.close()
        self._holder.wait()
        assert self._holder.stdout
        self._holder.stdout.close()

    def _has_socket(self) -> bool:
        return self._file("run/pcscd/pcscd.comm").exists()

    def _listens(self, port: int) -> bool:
        table = Path(f"/proc/{self._holder.pid}/net/tcp").read_text("ascii").splitlines()[1:]
        return any(row.split()[1].endswith(f":{port:04X}") for row in table)

    def _file(self, path: str) -> Path:
        return Path("/proc", str(self._holder.pid), "root", path)


@contextmanager
def pcsc_stack(folder: Path, *, reader: bool = True) -> Iterator[PcscStack]:
    """A running private stack; skips the test where this machine does not allow one.

    ``reader=False`` is a service without any reader. The folder takes configuration and log.
    """
    reason = why_not()
    if reason:
        pytest.skip(reason)
    stack = PcscStack(folder)
    try:
        stack.start_pcscd(reader=reader)
        yield stack
    finally:
        stack.close()


@functools.cache
def why_not() -> str:
    """Why no private stack can run here; empty when it can."""
    if sys.platform != "linux":
        return "namespaces are a thing of Linux"
    try:
        tried = subprocess.run([*_UNSHARE, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "there is no unshare (package util-linux)"
    if tried.returncode:
        return f"no namespaces without more rights (root): {tried.stderr.strip()}"
    if not _DRIVER.exists():
        return "the virtual reader is missing (package vsmartcard-vpcd)"
    return ""


@contextmanager
def _children_in(namespace: str) -> Iterator[None]:
    """Let the processes that this thread starts now be born in a process namespace.

    ``nsenter`` could do it, but only with a process between, which signals would hit instead.
    """
    with Path(namespace).open("rb") as theirs, Path("/proc/self/ns/pid").open("rb") as ours:
        _set_namespace(theirs.fileno())
        try:
            yield
        finally:
            _set_namespace(ours.fileno())


def _set_namespace(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWPID):
        raise OSError(ctypes.get_errno(), "setns")
