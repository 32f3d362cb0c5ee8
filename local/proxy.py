"""The root of the API on this machine: one port, no stage in the path. `python -m local.proxy PORT TARGET`.

API Gateway's address holds its id and stage, and in MiniStack a prefix too; clients should see none of them.
"""

import sys

from aiohttp import ClientSession, ClientTimeout, web

from local.home import HOST

DROPPED = {
    "host",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "date",
    "server",
}
LARGEST_BYTES = 12 << 20


def application(target: str) -> web.Application:
    async def forward(request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in DROPPED}
        session: ClientSession = app[SESSION]
        async with session.request(
            request.method,
            target + request.raw_path,
            headers=headers,
            data=await request.read(),
            allow_redirects=False,
            skip_auto_headers=("content-type",),
        ) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in DROPPED}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    async def session(app: web.Application):  # type: ignore[no-untyped-def]
        app[SESSION] = ClientSession(timeout=ClientTimeout(60), auto_decompress=False)
        yield
        await app[SESSION].close()

    app = web.Application(client_max_size=LARGEST_BYTES)
    app.cleanup_ctx.append(session)
    app.router.add_route("*", "/{path:.*}", forward)
    return app


SESSION: web.AppKey[ClientSession] = web.AppKey("session", ClientSession)


if __name__ == "__main__":
    web.run_app(application(sys.argv[2]), host=HOST, port=int(sys.argv[1]), print=None, access_log=None)
