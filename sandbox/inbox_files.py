"""The page's own files, as they lie in inbox_page/, and no others."""

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).with_name("inbox_page")
TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
    ".svg": "image/svg+xml",
}  # fmt: skip
FILES = {file.name: file.read_text("utf-8") for file in FOLDER.iterdir() if file.suffix in TYPES}
FIRST = "index.html"


async def serve(request: web.Request) -> web.Response:
    name = request.match_info.get("file", FIRST)
    if name not in FILES:
        raise web.HTTPNotFound
    return web.Response(text=FILES[name], content_type=TYPES[Path(name).suffix], charset="utf-8")
