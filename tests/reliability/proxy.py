"""A line between client and shop on which something can happen between two pages."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FULL_PAGE = b"<Result No='100'>"


class Proxy:
    """Passes every request on as it is; `after_a_full_page` is called once, before the next such reply is passed on."""

    def __init__(self, url):
        self._target = urlsplit(url)
        self._lock = threading.Lock()
        self.after_a_full_page = None
        proxy = self

        class Line(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, body = proxy.passed_on(self.path)
                self.send_response(status)
                self.send_header("Content-Type", "text/xml; charset=UTF-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self._target.path}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def passed_on(self, path):
        """Status and body of the shop's own reply."""
        line = http.client.HTTPConnection(self._target.hostname, self._target.port, timeout=30)
        line.request("GET", path)
        reply = line.getresponse()
        body = reply.read()
        line.close()
        with self._lock:
            act, full = self.after_a_full_page, FULL_PAGE in body and "/get_order?" in path
            if act is not None and full:
                self.after_a_full_page = None
                act()
        return reply.status, body

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
