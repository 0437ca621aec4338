# SPDX-License-Identifier: Apache-2.0
"""A small real HTTP service shaped like Primero: POST /api/v2/cases stores a case and answers with its own record id. It keeps what it got, and can
be told to fail for a while."""
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Primero:
    def __init__(self):
        self.cases, self.by_idempotency = {}, {}
        self.changed = threading.Condition()
        self.requests = 0
        self.fail_with = []  # statuses to answer before going well again
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                service.post(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/api/v2/cases"

    def post(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        with self.changed:
            self.requests += 1
            if self.fail_with:
                self._answer(request, self.fail_with.pop(0), {"errors": ["not now"]})
                return
            key = request.headers.get("Idempotency-Key", "")
            record_id = self.by_idempotency.setdefault(key, str(uuid.uuid4()))
            self.cases[record_id] = json.loads(body)
            self.changed.notify_all()
        self._answer(request, 201, {"data": {"id": record_id, "case_id_display": record_id[:7], "status": "open"}})

    @staticmethod
    def _answer(request, status, body):
        data = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def wait_for(self, count, deadline_s=20):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.cases) >= count, deadline_s), f"Primero has {len(self.cases)} cases, not {count}"
            return dict(self.cases)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
