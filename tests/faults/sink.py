"""The sink: an HTTP server in a process of its own that notes what it is sent, in order."""

from collections import defaultdict

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

got: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)


async def take(request: Request) -> Response:
    try:
        body = await request.json()
    except ClientDisconnect:
        return Response(status_code=400)  # who was killed half-way through has not said it
    got[body["to"]].append((body["at"], body["text"]))
    return Response()


async def tell(request: Request) -> Response:
    return JSONResponse(got)


app = Starlette(routes=[Route("/", take, methods=["POST"]), Route("/", tell)])
