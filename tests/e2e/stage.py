# SPDX-License-Identifier: Apache-2.0
"""A stage for end-to-end tests and the demo: a temporary folder with the shipped configuration, fresh CURVE keys, and real processes on free
ports. Waiting is for events (lines of JSON that the programs log), with deadlines, never for time to pass."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEADLINE_S = float(os.environ.get("STAGE_DEADLINE", "20"))
# Nothing runs as root: a stage made by root belongs to nobody, and so do its processes.
PLAIN_USER = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
os.umask(0o022)  # what a stage holds is read by a plain user, whatever the machine's habit is
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the broker is here, wherever the machine's proxy is
AGENCIES = ["inm", "unicef", "comar", "unhcr", "albergue-esperanza"]


class Program:
    """A process whose log lines are kept and can be waited for."""

    def __init__(self, name, command, cwd, environment=None, user=PLAIN_USER):
        self.name, self.command = name, command
        self.lines, self.raw = [], []
        self.changed = threading.Condition()
        self.process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, **(environment or {})}, **user)
        self.readers = [threading.Thread(target=self._read, args=(stream,), daemon=True)
                        for stream in (self.process.stderr, self.process.stdout)]
        for reader in self.readers:
            reader.start()

    def _read(self, stream):
        for line in stream:
            text = line.decode("utf-8", "replace").rstrip("\n")
            try:
                event = json.loads(text)
            except ValueError:
                event = None
            with self.changed:
                self.raw.append(text)
                if isinstance(event, dict) and "event" in event:
                    self.lines.append(event)
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def wait(self, event, deadline_s=None, after=0, **fields):
        """The first logged line of that event whose fields are equal, looking from line `after` on."""
        end = time.monotonic() + (deadline_s or DEADLINE_S)
        with self.changed:
            while True:
                for line in self.lines[after:]:
                    if line["event"] == event and all(line.get(k) == v for k, v in fields.items()):
                        return line
                left = end - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not any(r.is_alive() for r in self.readers)):
                    raise AssertionError(f"{self.name}: no {event} {fields}; its log:\n" + "\n".join(self.raw[-40:]))
                self.changed.wait(min(left, 0.2))

    def seen(self, event, **fields):
        with self.changed:
            return [l for l in self.lines if l["event"] == event and all(l.get(k) == v for k, v in fields.items())]

    def count(self):
        with self.changed:
            return len(self.lines)

    def stop(self, how=signal.SIGTERM, deadline_s=10):
        """Ends the process that we started; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(deadline_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for reader in self.readers:
            reader.join(5)
        return self.process.returncode

    def kill(self):
        return self.stop(signal.SIGKILL)


class Stage:
    def __init__(self, binaries=None, keep=False, folder=None):
        self.keep = keep
        self.folder = folder or tempfile.mkdtemp(prefix="enlace-")
        self.bin = os.path.join(self.folder, "bin")
        shutil.copytree(binaries or os.environ.get("ENLACE_BIN") or os.path.join(ROOT, "build/gcc/bin"), self.bin)
        self.programs = []
        self.broker = None
        self.ready = None
        self.endpoint = None
        self.keys = os.path.join(self.folder, "keys")
        self.secrets = os.path.join(self.folder, "secrets")
        self.config = os.path.join(self.folder, "config")
        os.makedirs(self.keys, exist_ok=True)
        os.makedirs(self.secrets, mode=0o700, exist_ok=True)
        shutil.copytree(os.path.join(ROOT, "config"), self.config, dirs_exist_ok=True)
        shutil.copytree(os.path.join(ROOT, "build/schemas"), os.path.join(self.folder, "schemas"), dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("test"))
        self.give_away()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for program in reversed(self.programs):
            program.stop()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def give_away(self):
        """What root wrote becomes the plain user's."""
        if PLAIN_USER:
            for base, folders, files in os.walk(self.folder):
                for name in [base] + [os.path.join(base, n) for n in folders + files]:
                    try:
                        os.chown(name, PLAIN_USER["user"], PLAIN_USER["group"], follow_symlinks=False)
                    except FileNotFoundError:
                        pass  # a running program's temporary file

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def edit(self, name, pattern, replacement, count=1):
        """Changes one place of a staged file; it is an error when the place is not there."""
        path = self.path(name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        changed, n = re.subn(pattern, lambda _: replacement, text, count=count, flags=re.M)
        assert n > 0, f"{name} has no {pattern}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(changed)

    # ---- the command line ----------------------------------------------------------------------------------------------------
    def enlace(self, *arguments, check=True, stdin=None, language="C"):
        self.give_away()
        result = subprocess.run([os.path.join(self.bin, "enlace"), *arguments], cwd=self.folder, input=stdin, capture_output=True, check=False,
                                timeout=DEADLINE_S * 3, env={**os.environ, "LC_ALL": language, "NO_COLOR": "1"}, **PLAIN_USER)
        if check and result.returncode != 0:
            raise AssertionError(f"enlace {' '.join(arguments)} ended with {result.returncode}:\n"
                                 + result.stdout.decode("utf-8", "replace") + result.stderr.decode("utf-8", "replace"))
        return result

    def operator(self, *arguments, check=True):
        """A verb of the operators' endpoint; returns its JSON."""
        result = self.enlace(*arguments, "-c", self.path("config/enlace.yaml"), "--key", self.path("secrets/operations.cert_secret"),
                             "--format", "json", check=check)
        return json.loads(result.stdout) if result.stdout.strip() else None

    # ---- keys ------------------------------------------------------------------------------------------------------------------
    def make_keys(self, names=None):
        self.enlace("keys", "new", "--out", self.path("secrets/broker.cert"))
        for name in names or AGENCIES + ["operations"]:
            cert = self.path(f"secrets/{name}.cert")
            self.enlace("keys", "new", "--agency", name, "--out", cert)
            self.enlace("agency", "add", name, "--key", cert, "-c", self.path("config/enlace.yaml"))

    # ---- the broker ----------------------------------------------------------------------------------------------------------
    def prepare(self, port=None):
        settings = {"listen": f"tcp://127.0.0.1:{port or '*'}", "operators": f"ipc://{self.folder}/operators.sock",
                    "http": "127.0.0.1:0", "key": self.path("secrets/broker.cert_secret"), "keys": self.keys,
                    "schemas": self.path("schemas"), "journal": self.path("journal"), "id_secret": self.path("journal/id.secret")}
        for name, value in settings.items():
            self.edit("config/enlace.yaml", rf"^{name}:.*$", f'{name}: "{value}"')

    def start_broker(self, wait=True, environment=None):
        self.give_away()
        self.broker = Program("enlaced", [os.path.join(self.bin, "enlaced"), "-c", self.path("config/enlace.yaml")], self.folder, environment)
        self.programs.append(self.broker)
        if wait:
            self.ready = self.broker.wait("ready")
            self.endpoint = self.ready["listen"]
            # The same port after a restart, so that clients find it again.
            port = self.endpoint.rsplit(":", 1)[1]
            self.edit("config/enlace.yaml", r"^listen:.*$", f'listen: "tcp://127.0.0.1:{port}"')
        return self.broker

    def http(self, page):
        try:
            with DIRECT.open(f"http://{self.ready['http']}{page}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metrics(self):
        """name{labels} -> number"""
        values = {}
        for line in self.http("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, _, number = line.rpartition(" ")
                values[name] = float(number)
        return values

    # ---- adapters --------------------------------------------------------------------------------------------------------------
    def stage_adapter(self, agency, source=None, **edits):
        """Copies adapters/<source>, and sets where this stage's broker, keys and schemas are."""
        source = source or agency
        folder = self.path("adapters", agency)
        shutil.copytree(os.path.join(ROOT, "adapters", source), folder, dirs_exist_ok=True)
        name = f"adapters/{agency}/adapter.yaml"
        self.edit(name, r"^(broker:\s*)\{.*\}", f'broker: {{endpoint: "{self.endpoint}", key: "{self.path("secrets/broker.cert")}"}}')
        self.edit(name, r"^key:.*$", f'key: "{self.path(f"secrets/{agency}.cert_secret")}"')
        self.edit(name, r"^schema:.*$", f'schema: "{self.path(f"schemas/{source}.binpb")}"')
        self.edit(name, r"^agency:.*$", f"agency: {agency}")
        for pattern, replacement in edits.items():
            self.edit(name, rf"\b{pattern}:\s*[^,}}\n]+", f"{pattern}: {replacement}", count=0)
        return folder

    def start_adapter(self, agency, *arguments):
        self.give_away()
        program = Program(f"adapter {agency}", [os.path.join(self.bin, "enlace-adapter"), "run", "-c",
                                                self.path("adapters", agency, "adapter.yaml"), *arguments], self.folder)
        self.programs.append(program)
        return program


def wait_until(condition, what, deadline_s=None):
    """For what no program logs: a file that appears, a metric that moves. Polls without a fixed time; fails at the deadline."""
    end = time.monotonic() + (deadline_s or DEADLINE_S)
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"it did not happen: {what}"
        pause.wait(0.02)


def run_tests(tests):
    """Runs functions named as sentences, prints one line each, ends as the suite's tally asks."""
    import sys
    import traceback
    wanted = sys.argv[1:]
    os.environ["http_proxy"] = "http://127.0.0.1:1"  # a machine may have one, and nothing here goes through it
    passed = failed = 0
    for test in tests:
        if wanted and not any(w in test.__name__ for w in wanted):
            continue
        start = time.monotonic()
        try:
            test()
            passed += 1
            print(f"  ok    {test.__name__.replace('_', ' ')} ({time.monotonic() - start:.1f} s)", flush=True)
        except Exception:  # a failed test must not hide the others
            failed += 1
            print(f"  FAIL  {test.__name__.replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
