"""A service of your own that reads a person's tasks with that person's help: `GET /digest` answers what is open.

It holds a credential (name and secret), and no key: the person's access token comes with the call, auth-service gives a
token to act with in exchange (RFC 8693), and task-service sees who asks for whom. It can read and nothing else, since its
credential has the scope `tasks.read` alone. README.md beside this file says how to run it.
"""

import datetime
import hashlib
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from tandem.auth.v1 import service_token_service_pb2 as exchange
from tandem.auth.v1 import service_token_service_pb2_grpc as exchange_grpc
from tandem.tasks.v1 import task_service_pb2 as tasks
from tandem.tasks.v1 import task_service_pb2_grpc as tasks_grpc

TIMEOUT_S = 5
# A token is replaced a minute before it ends, so that none ends on its way.
MARGIN = datetime.timedelta(minutes=1)
MOST_TOKENS_KEPT = 10_000

# What an HTTP client is told for a gRPC code; anything else is 502.
HTTP_STATUS = {
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}


class Actor:
    """Exchanges people's tokens for tokens to act with, and keeps those while they are good."""

    def __init__(self, channel: grpc.Channel, credential: str) -> None:
        self.service, self.secret = credential.split(":", 1)
        self.stub = exchange_grpc.ServiceTokenServiceStub(channel)
        self.lock = threading.Lock()
        self.kept: dict[bytes, tuple[str, datetime.datetime]] = {}

    def token_for(self, persons_token: str) -> str:
        key = hashlib.sha256(persons_token.encode()).digest()
        now = datetime.datetime.now(datetime.timezone.utc)
        with self.lock:
            token, good_until = self.kept.get(key, ("", now))
        if now < good_until:
            return token
        issued = self.stub.IssueServiceToken(
            exchange.IssueServiceTokenRequest(
                service=self.service,
                secret=self.secret,
                audience="tandem.tasks",
                scopes=["tasks.read"],
                subject_token=persons_token,
            ),
            timeout=TIMEOUT_S,
        )
        good_until = issued.expire_time.ToDatetime(datetime.timezone.utc) - MARGIN
        with self.lock:
            if len(self.kept) >= MOST_TOKENS_KEPT:
                self.kept.clear()
            self.kept[key] = (issued.access_token, good_until)
        return issued.access_token


def digest(stub: tasks_grpc.TaskServiceStub, token: str) -> str:
    """What is open, the soonest due first, a line each."""
    lines, page_token = [], ""
    while True:
        page = stub.ListTasks(
            tasks.ListTasksRequest(filter="state = OPEN", order_by="due", page_size=1000, page_token=page_token),
            metadata=(("authorization", f"Bearer {token}"),),
            timeout=TIMEOUT_S,
        )
        for task in page.tasks:
            due = task.due.date
            day = f"{due.year:04}-{due.month:02}-{due.day:02}" if task.HasField("due") else "some day"
            lines.append(f"{day}  {task.title}\n")
        page_token = page.next_page_token
        if not page_token:
            return "".join(lines) or "Nothing to do.\n"


class Handler(BaseHTTPRequestHandler):
    actor: Actor
    stub: tasks_grpc.TaskServiceStub

    def do_GET(self) -> None:  # noqa: N802, the name is the library's
        scheme, _, persons_token = self.headers.get("Authorization", "").partition(" ")
        if self.path != "/digest":
            self.answer(404, "There is only /digest.\n")
        elif scheme != "Bearer" or not persons_token:
            self.answer(401, "Send the person's access token: Authorization: Bearer TOKEN.\n")
        else:
            try:
                self.answer(200, digest(self.stub, self.actor.token_for(persons_token)))
            except grpc.RpcError as error:
                self.answer(HTTP_STATUS.get(error.code(), 502), f"{error.details()}\n")

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args) -> None:
        """Nothing: a request line can hold what should not be in a log."""


def main() -> None:
    host, port = os.environ.get("DIGEST_ADDR", "127.0.0.1:8090").rsplit(":", 1)
    auth = grpc.insecure_channel(os.environ.get("TANDEM_AUTH_ADDR", "127.0.0.1:50051"))
    Handler.actor = Actor(auth, os.environ["DIGEST_CREDENTIAL"])
    channel = grpc.insecure_channel(os.environ.get("TANDEM_TASKS_ADDR", "127.0.0.1:50052"))
    Handler.stub = tasks_grpc.TaskServiceStub(channel)
    server = ThreadingHTTPServer((host, int(port)), Handler)
    print(f"http://{host}:{server.server_port}/digest", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
