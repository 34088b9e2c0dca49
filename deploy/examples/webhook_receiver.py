"""Receives Concord's webhooks: checks the signature, knows what it had, answers 204. Put TLS in front of it.

Needs CONCORD_WEBHOOK_SECRET (as `concord webhook add` shows it) and the package standardwebhooks. Stop it with Ctrl-C.
"""

import os
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

WEBHOOK = Webhook(os.environ["CONCORD_WEBHOOK_SECRET"])
SEEN = set()  # in production: a table, written in the transaction of the effect


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = WEBHOOK.verify(body, dict(self.headers))
        except WebhookVerificationError:
            return self.answer(400)
        if event["id"] not in SEEN:
            print(event["type"], event["partitionkey"], event["data"].get("area"), flush=True)
            SEEN.add(event["id"])
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Receiver)
with suppress(KeyboardInterrupt):  # Ctrl-C ends it
    server.serve_forever()
