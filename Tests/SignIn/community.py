"""A community with members and forums, run by the commands as its operator and members would."""
import json
import os
import socket
import subprocess
import time


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Community:
    """`votes`: of each member. `issuer`: the origin at which it is reached, if that is not where it listens. `unclaimed`: who has a code and no wallet here."""

    # What a runner does to each server's process before it starts.
    preparation = None

    def __init__(self, symbolon, folder, votes, port=None, issuer=None, serve=(), depth=1, unclaimed=()):
        self.serve = list(serve)
        self.symbolon, self.folder = os.path.abspath(symbolon), folder
        self.environment = {**os.environ, "SYMBOLON_PASSPHRASE": "correct horse", "XDG_STATE_HOME": f"{folder}/state", "SYMBOLON_LOG": "info"}
        self.port = port or free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.issuer = issuer or self.origin
        self.server = None
        self.write("schema.json", json.dumps([{"name": "votes", "kind": "growing", "least": 0, "greatest": 1000}]))
        self.write("members.csv", "person,votes\n" + "".join(f"{name},{count}\n" for name, count in votes.items()))
        made = self.run("community", "init", "--data", "data", "--name", "assembly", "--schema", "schema.json", "--depth", str(depth),
                        "--batch-leaves", str(len(votes) - len(unclaimed)), "--batch-seconds", "1", "--json")
        self.id = json.loads(made)["community"]
        self.run("community", "import", "--data", "data", "--csv", "members.csv", "--person-column", "person", "--codes", "codes.csv")
        self.start()
        for line in self.read("codes.csv").splitlines()[1:]:
            name, code = line.split(",")
            if name in unclaimed:
                continue
            self.write(f"{name}.code", code + "\n")
            self.run("wallet", "init", "--wallet", name)
            self.run("wallet", "claim", "--wallet", name, "--service", self.origin, "--community", self.id, "--code-file", f"{name}.code")
        deadline = time.time() + 60
        while json.loads(self.run("community", "status", "--data", "data", "--json"))["leaves"] < len(votes) - len(unclaimed):
            assert time.time() < deadline, "the members' leaves do not enter the tree"
            time.sleep(0.2)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def start(self):
        with open(self.path("serve.log"), "a") as log:
            self.server = subprocess.Popen([self.symbolon, "serve", "--data", "data", "--port", str(self.port), "--issuer", self.issuer,
                                            *self.serve],
                                           cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=log,
                                           preexec_fn=self.preparation)
        deadline = time.time() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.server.poll() is None and time.time() < deadline, self.read("serve.log")
                time.sleep(0.1)

    def stop(self, kill=False):
        (self.server.kill if kill else self.server.terminate)()
        self.server.wait()

    def attempt(self, *arguments):
        return subprocess.run([self.symbolon, *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)

    def run(self, *arguments):
        done = self.attempt(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def forum(self, name, audience, *more):
        return json.loads(self.run("forum", "add", "--data", "data", "--name", name, "--audience", audience, "--json", *more))

    def present(self, member, url, *more):
        """A wallet answers a sign-in; its exit status and what it prints as JSON."""
        done = self.attempt("wallet", "present", "--wallet", member, "--url", url, "--smallest-set", "0", "--json", *more)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr
