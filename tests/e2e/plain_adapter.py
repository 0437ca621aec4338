# SPDX-License-Identifier: Apache-2.0
"""Adapters on the bench's small rule set: one that publishes alerts from a folder of NDJSON files or a webhook, one that delivers them to a
folder or a service. For tests of what an adapter does, rather than of what it carries."""
import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench_stage import PlainStage
from stage import PLAIN_USER, Program

HEAD = """adapter: {name}
agency: {agency}
broker: {{endpoint: "{endpoint}", key: "{broker}"}}
key: "{key}"
schema: "{schema}"
spool: {{folder: "{spool}", limit: {limit}, when_full: {when_full}}}
{alarm}"""
PUBLISH = """publish:
  - connector: {connector}
    type: enlace.v1.Alert
    source: urn:enlace:bench-in
    case: [identifier]
    key: [identifier]
    columns: {{missing: empty, unknown: refuse}}
    rejects: rejects
    options: {options}
"""
DELIVER = """deliver:
  - subscription: bench
    connector: {connector}
    options: {options}
"""


class AdapterStage(PlainStage):
    """Its adapters live in adapters/NAME; each has its own spool, inbox and outbox there, unless a test says where."""

    def adapter(self, name, agency, connector="file", options=None, limit="1 MiB", when_full="refuse", alarm="", spool="spool"):
        os.makedirs(self.path("adapters", name), exist_ok=True)
        is_publish = agency == "bench-in"
        if options is None:
            options = {"in": "inbox", "done": "done", "format": "ndjson", "stable_for": "1 ms"} if is_publish else {"out": "out", "format": "json"}
        text = HEAD.format(name=name, agency=agency, endpoint=self.endpoint, broker=self.path("secrets/broker.cert"),
                           key=self.path(f"secrets/{agency}.cert_secret"), schema=self.path("schemas/enlace.binpb"), spool=spool, limit=limit,
                           when_full=when_full, alarm=alarm and alarm + "\n")
        text += (PUBLISH if is_publish else DELIVER).format(connector=connector, options=json.dumps(options))
        return self.write(f"adapters/{name}/adapter.yaml", text)

    def publish(self, number=1):
        """One alert of its own case, recorded."""
        if not hasattr(self, "publisher"):
            self.publisher = self.bus("bench-in")
            self.publisher.hello("publisher")
        answer = self.publisher.publish_wait(self.event(self.publisher, number, case=f"case-{number}"))[0]
        assert answer["verdict"] == "RECORDED", answer

    def run_adapter(self, name, *arguments, user=PLAIN_USER):
        self.give_away()
        program = Program(f"adapter {name}", [os.path.join(self.bin, "enlace-adapter"), "run", "-c", self.path("adapters", name, "adapter.yaml"),
                                              *arguments], self.folder, user=user)
        self.programs.append(program)
        return program

    def doctor(self, name, language="C", give_away=True):
        """Exit code and checks, a list of {check, state, cause, remedy}."""
        if give_away:
            self.give_away()
        result = subprocess.run([os.path.join(self.bin, "enlace-adapter"), "doctor", "-c", self.path("adapters", name, "adapter.yaml"),
                                 "--format", "json"], capture_output=True, check=False, timeout=60, cwd=self.folder,
                                env={**os.environ, "LC_ALL": language, "NO_COLOR": "1"}, **PLAIN_USER)
        assert result.stdout.strip(), result.stderr.decode()
        return result.returncode, json.loads(result.stdout)["checks"]

    def export(self, name, file, rows, folder="inbox"):
        """The agency's system writes a file of rows, as such systems do: under another name, then renamed."""
        inbox = self.path("adapters", name, folder)
        os.makedirs(inbox, exist_ok=True)
        self.write(os.path.join(inbox, ".export"), "".join(json.dumps(row) + "\n" for row in rows))
        self.give_away()
        os.rename(os.path.join(inbox, ".export"), os.path.join(inbox, file))

    def out(self, name, folder="out"):
        """Names of what was written to an adapter's out folder."""
        path = self.path("adapters", name, folder)
        return sorted(n for n in os.listdir(path) if n.endswith(".json")) if os.path.isdir(path) else []


class Service:
    """An agency's HTTP service that a test plays: answer(request, body) answers each POST, or does not."""

    def __init__(self, answer):
        self.changed = threading.Condition()
        self.keys = []  # Idempotency-Key of each POST, in order
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with service.changed:
                    service.keys.append(self.headers.get("Idempotency-Key", ""))
                    service.changed.notify_all()
                try:
                    answer(self, body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the adapter was killed meanwhile

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a killed adapter's connection
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/cases"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait_for(self, count, deadline_s=20):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.keys) >= count, deadline_s), f"{len(self.keys)} requests came, not {count}"


def reply(request, status, body=b"{}", **headers):
    request.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)
