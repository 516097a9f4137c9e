"""Serves the wallet's files as a server should: with the headers that docs/wallet.md names, and for tests, off and on."""
import http.server
import mimetypes
import os
import threading

POLICY = ("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
          "connect-src 'self' https: http://localhost:* http://127.0.0.1:*; worker-src 'self' blob:; manifest-src 'self'; frame-ancestors 'none'; "
          "base-uri 'none'; form-action 'none'")
HEADERS = {
    "Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json", ".json": "application/json"}


class Server:
    """Folders by path, the first that begins it; `extra` are pages of the test's own."""

    def __init__(self, folder, extra=None, headers=None):
        self.folder, self.extra, self.headers = folder, extra or {}, {**HEADERS, **(headers or {})}
        self.asked, self.is_off = [], False
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner.answer(self)

            def log_message(self, *given):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        # A host name of its own kind of secure context, to which passkeys can belong.
        self.origin = f"http://localhost:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler):
        path = handler.path.split("?")[0]
        self.asked.append(path)
        if self.is_off:
            handler.connection.close()
            return
        content, kind = self.read(path)
        handler.send_response(200 if content is not None else 404)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content or b"")))
        handler.end_headers()
        handler.wfile.write(content or b"")

    def read(self, path):
        name = "index.html" if path == "/" else path[1:]
        if path in self.extra:
            return self.extra[path]
        for folder in [self.folder] if isinstance(self.folder, str) else self.folder:
            file = os.path.realpath(os.path.join(folder, name))
            if file.startswith(os.path.realpath(folder) + os.sep) and os.path.isfile(file):
                with open(file, "rb") as content:
                    suffix = os.path.splitext(file)[1]
                    return content.read(), TYPES.get(suffix) or mimetypes.guess_type(file)[0] or "application/octet-stream"
        return None, "text/plain"

    def close(self):
        self.server.shutdown()
