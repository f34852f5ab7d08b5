"""The double as a web server of 127.0.0.1 that may be absent, slow, refuse, or hand out what is damaged."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from wandb_double.executor import Refused, execute, operation_of
from wandb_double.mutations import Mutations
from wandb_double.nodes import Nodes
from wandb_double.state import State

KEY = "0123456789abcdef" * 3
"""Long enough for the SDK, and easily found where it must not be."""


@dataclass
class Faults:
    """What goes wrong.

    ``gone_at``: the name of an operation at which the server stops, for good, without an answer; ``slow``:
    seconds before each answer; ``corrupt``: downloads of files with one byte changed; ``refuse_commits``: no
    artifact is taken.
    """

    gone_at: str | None = None
    slow: float = 0.0
    corrupt: bool = False
    refuse_commits: bool = False


@dataclass
class Double:
    """The server: ``asked`` are operations and paths as they came, ``strange`` what is not modelled."""

    port: int
    state: State = field(default_factory=State)
    faults: Faults = field(default_factory=Faults)
    asked: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._nodes = Nodes(self.state, lambda path: f"{self.url}/{path}")
        self._mutations = Mutations(self._nodes)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """What a process needs to talk to it."""
        return {"WANDB_BASE_URL": self.url, "WANDB_API_KEY": KEY}

    def arrive(self) -> None:
        """Be there, with whatever was received before."""
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT"])])
        config = uvicorn.Config(
            app, "127.0.0.1", self.port, log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def leave(self) -> None:
        """Be gone: no connection is answered any more."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            if threading.current_thread() is not self._thread:
                self._thread.join()

    async def _answer(self, request: Request) -> Response:
        body, path = await request.body(), request.path_params["path"]
        if self._server is None or self._server.should_exit:
            return Response(status_code=503)  # it goes, and answers nobody while it does
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if self.faults.slow:
            time.sleep(self.faults.slow)
        if path == "graphql":
            return self._graphql(request, body)
        self.asked.append(f"{request.method} {path}")
        if path.startswith("sdk/otel/"):
            return PlainTextResponse("", 404)
        if request.method == "POST" and path.endswith("/file_stream"):
            return self._stream(path, json.loads(body))
        if request.method == "PUT":
            return self._put(path, body)
        if request.method == "GET":
            return self._get(path)
        return self._unknown(f"{request.method} /{path}")

    def _graphql(self, request: Request, body: bytes) -> Response:
        if (
            request.headers.get("authorization")
            != "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()
        ):
            return JSONResponse({"errors": [{"message": "no such key"}]}, 401)
        asked = json.loads(body)
        operation = operation_of(asked["query"])
        name = operation.name.value if operation.name else "?"
        self.asked.append(name)
        if name == self.faults.gone_at:
            self.leave()
            return Response(status_code=503)
        self._mutations.refuse_commits = self.faults.refuse_commits
        roots = {"query": self._nodes.query(), "mutation": self._mutations.mutation()}
        try:
            data = execute(asked["query"], asked.get("variables") or {}, roots)
        except Refused as refusal:
            return JSONResponse({"errors": [{"message": str(refusal)}]}, 409)
        except Exception as fault:  # of the double's own: a test must not go on as if nothing were
            return self._unknown(f"{name}: {type(fault).__name__}: {fault}")
        return JSONResponse({"data": data})

    def _unknown(self, what: str) -> Response:
        self.strange.append(what)
        return JSONResponse({"errors": [{"message": f"not modelled: {what}"}]}, 400)

    def _stream(self, path: str, sent: dict[str, Any]) -> Response:
        _, entity, project, name, _ = path.split("/")
        run = self.state.runs[entity, project, name]
        for file, chunk in sent.pop("files", {}).items():
            if file == "wandb-summary.json":
                run.summary = json.loads(chunk["content"][-1])
            elif file in ("wandb-history.jsonl", "wandb-events.jsonl", "output.log"):
                run.stream(file, chunk["offset"], chunk["content"])
            else:
                return self._unknown(f"a stream of {file}")
        if sent.pop("complete", False):
            run.exit_code = sent.pop("exitcode", 0)
        if strange := set(sent) - {"exitcode", "dropped", "uploaded", "preempting"}:
            return self._unknown(f"a stream with {', '.join(sorted(strange))}")
        return JSONResponse({"exitcode": None, "limits": {}})

    def _put(self, path: str, body: bytes) -> Response:
        kind, _, rest = path.partition("/")
        if kind == "files":
            entity, project, run, name = rest.split("/", 3)
            self.state.runs[entity, project, run].files[name] = body
        elif kind == "manifests":
            self.state.artifacts[rest].manifest = body
        elif kind == "blobs":
            self.state.blobs[path] = body
        else:
            return self._unknown(f"PUT /{path}")
        return Response()

    def _get(self, path: str) -> Response:
        kind, _, rest = path.partition("/")
        if kind == "files":
            entity, project, run, name = rest.split("/", 3)
            return Response(self.state.runs[entity, project, run].files[name])
        if kind == "manifests":
            return Response(self.state.artifacts[rest].manifest)
        if kind == "artifactsV2":  # asked for again where a direct address gave an error
            _, entity, project, *_, digest, _ = rest.split("/")
            kind, path = "blobs", f"blobs/{entity}/{project}/{digest}"
        if kind == "blobs":
            content = self.state.blobs.get(path)
            return PlainTextResponse("", 404) if content is None else Response(self._damaged(content))
        return self._unknown(f"GET /{path}")

    def _damaged(self, content: bytes) -> bytes:
        if not self.faults.corrupt or not content:
            return content
        return content[:-1] + bytes([content[-1] ^ 1])


@contextmanager
def serving() -> Iterator[Double]:
    """A double that ends with the block; AssertionError if something was asked that it does not model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        double = Double(free.getsockname()[1])
    double.arrive()
    try:
        yield double
    finally:
        double.leave()
    if double.strange:
        raise AssertionError("\n".join(["the double does not model:", *double.strange]))
