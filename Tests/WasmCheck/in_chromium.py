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
const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
(async () => {
    const { replay } = await import('/replay.js');
    const [module, record] = [await bytes('/module.wasm'), await bytes('/record')];
    const same = await replay(module, record);
    // A record in which one answer is another must be noticed: the first call is of a field, with two arguments and 64 bytes of input.
    record[1 + 2 * 8 + 4 + 64 + 8 + 4] ^= 1;
    return [same, await replay(module, record)];
})().then(done, (failure) => done([{ calls: 0, difference: String(failure) }, null]));
"""


def main():
    extra = {"/tests": (b"<!doctype html><title>tests</title>", "text/html")}
    for path, file in (("/module.wasm", sys.argv[1]), ("/record", sys.argv[2])):
        with open(file, "rb") as content:
            extra[path] = (content.read(), "application/octet-stream")
    processes.adopt_orphans()
    server = Server(HERE, extra)
    try:
        with tempfile.TemporaryDirectory(prefix="symbolon-wasm-", ignore_cleanup_errors=True) as folder:
            browser = Chromium(folder, "")
            try:
                browser.driver.set_script_timeout(300)
                browser.open(f"{server.origin}/tests")
                same, changed = browser.driver.execute_async_script(RUN)
            finally:
                browser.quit()
    finally:
        server.close()
        processes.end_all()
    if same["difference"] or same["calls"] < 5000 or not changed["difference"]:
        print(f"check-wasm: in Chromium {same['difference'] or 'a changed record was not noticed'}", file=sys.stderr)
        sys.exit(1)
    print(f"check-wasm: {same['calls']} calls in Chromium agree")


main()
