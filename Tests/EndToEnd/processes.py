"""Programs that run beside the test: started, waited for, and ended whatever happens."""
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time

SET_PARENT_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36
libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans():
    """What our programs leave behind becomes ours, so that `end_all` finds it; being told to stop is an ordinary exit."""
    libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def die_with_parent():
    """For `preexec_fn`: ends the program if this one is killed."""
    libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def descendants():
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parents[int(name)] = int(file.read().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            pass
    found, more = set(), {os.getpid()}
    while more:
        more = {child for child, parent in parents.items() if parent in more} - found
        found |= more
    return found


def end_all():
    """Ends all that came of this process, politely and then not."""
    for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        for process in descendants():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass
        deadline = time.time() + patience
        while time.time() < deadline:
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return
            time.sleep(0.05)


class Server:
    """A program that listens on a port of this machine."""

    def __init__(self, name, command, port, log, folder, environment=None):
        self.log = log
        with open(log, "a") as output:
            self.process = subprocess.Popen(command, cwd=folder, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        deadline = time.time() + 90
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.time() > deadline:
                    raise AssertionError(f"{name} does not start:\n{self.tail()}") from None
                time.sleep(0.1)

    def tail(self):
        with open(self.log, errors="replace") as file:
            return file.read()[-4000:]


def run(command, folder, environment=None):
    """A program that is done when it returns; its output if it fails."""
    done = subprocess.run(command, cwd=folder, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", preexec_fn=die_with_parent)
    assert done.returncode == 0, f"{command[0]} fails:\n{done.stdout[-4000:]}"
    return done.stdout
