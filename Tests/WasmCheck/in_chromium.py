"""The WebAssembly test module in Chromium: does again what was recorded in Node, and must get the same bytes. Called by Scripts/check-wasm.

Arguments: the module, the record."""
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "EndToEnd"), os.path.join(HERE, "..", "WalletWeb")]

import processes
from chromium import Chromium
from server import Server

RUN = """
const [done] = arguments;
const worker = new Worker('/replay-worker.js', { type: 'module' });
worker.onmessage = ({ data }) => done(data);
worker.onerror = (event) => done(event.message);
worker.postMessage({ files: ['/module.wasm', '/record'] });
"""


def main():
    extra = {"/tests": (b"<!doctype html><title>tests</title>", "text/html")}
    for path, file in (("/module.wasm", sys.argv[1]), ("/record", sys.argv[2])):
        with open(file, "rb") as content:
            extra[path] = (content.read(), "application/octet-stream")
    processes.adopt_orphans()
    server = Server([HERE, os.path.join(HERE, "..", "..", "Sources", "WalletWeb", "Page", "worker")], extra)
    try:
        with tempfile.TemporaryDirectory(prefix="symbolon-wasm-", ignore_cleanup_errors=True) as folder:
            browser = Chromium(folder, "")
            try:
                browser.driver.set_script_timeout(300)
                browser.open(f"{server.origin}/tests")
                said = browser.driver.execute_async_script(RUN)
            finally:
                browser.quit()
    finally:
        server.close()
        processes.end_all()
    if isinstance(said, str):
        sys.exit(f"check-wasm: in Chromium {said}")
    alone, helped, changed = said
    for how, run in (("", alone), (" with a second worker", helped)):
        if run["difference"] or run["calls"] < 5000:
            sys.exit(f"check-wasm: in Chromium{how} another answer to {run['difference']}")
    if not changed["difference"] or alone["helpedSums"] or (os.cpu_count() > 1 and not helped["helpedSums"]):
        sys.exit(f"check-wasm: in Chromium a changed record was not noticed, or nobody helped: {said}")
    print(f"check-wasm: {alone['calls']} calls in Chromium agree, and with a second worker that made {helped['helpedSums']} sums")


main()
