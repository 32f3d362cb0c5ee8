"""The root of the API and of the vendors' protocols on this machine: one port, no stage in the path.

`python -m local.proxy PORT API VENDORS`. API Gateway's address holds its id and stage, and in MiniStack a prefix too;
clients should see none of them. A Host header that a client signed does not survive the way, so it is copied to
`x-facegate-host`, as the CloudFront function in docs/operations.md does.
"""

import re
import sys

from aiohttp import ClientSession, ClientTimeout, web
from multidict import CIMultiDict

from local.home import HOST

HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length"}
NOT_SENT_ON = {*HOPS, "host"}  # Date stays: a client may have signed it
NOT_SENT_BACK = {*HOPS, "content-encoding", "date", "server"}
LARGEST_BYTES = 12 << 20


OURS = "/v1/"
HOST_COPY = "x-facegate-host"


def application(api: str, vendors: str) -> web.Application:
    async def forward(request: web.Request) -> web.Response:
        path = target(request.raw_path)
        kept = {name: value for name, value in request.headers.items() if name.lower() not in {*NOT_SENT_ON, HOST_COPY}}
        session: ClientSession = app[SESSION]
        async with session.request(
            request.method,
            (api if path.startswith(OURS) else vendors) + path,
            headers={**kept, HOST_COPY: request.headers.get("host", "")},
            data=await request.read(),
            allow_redirects=False,
            skip_auto_headers=("content-type",),
        ) as answer:
            told = [(name, value) for name, value in answer.headers.items() if name.lower() not in NOT_SENT_BACK]
            return web.Response(status=answer.status, headers=CIMultiDict(told), body=await answer.read())

    async def session(app: web.Application):  # type: ignore[no-untyped-def]
        app[SESSION] = ClientSession(timeout=ClientTimeout(60), auto_decompress=False)
        yield
        await app[SESSION].close()

    app = web.Application(client_max_size=LARGEST_BYTES)
    app.cleanup_ctx.append(session)
    app.router.add_route("*", "/{path:.*}", forward)
    return app


def target(raw: str) -> str:
    """Path and query; behind HTTP_PROXY a client names the whole address of the host that it takes us for."""
    absolute = re.match(r"https?://[^/?]*", raw, re.IGNORECASE)
    rest = raw[absolute.end() :] if absolute else raw
    return rest if rest.startswith("/") else f"/{rest}"


SESSION: web.AppKey[ClientSession] = web.AppKey("session", ClientSession)


if __name__ == "__main__":
    web.run_app(application(sys.argv[2], sys.argv[3]), host=HOST, port=int(sys.argv[1]), print=None, access_log=None)
