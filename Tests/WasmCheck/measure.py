"""Presentations in Chromium: what a page with the wallet's arithmetic takes. Called by Scripts/measure-wallet; prints JSON."""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "EndToEnd"), os.path.join(HERE, "..", "WalletWeb")]

import processes
from chromium import Chromium
from server import Server

PAGE = b"""<!doctype html><title>measure</title><script type="module" src="/page.js"></script>"""
SCRIPT = b"""
window.start = performance.now();
const worker = new Worker('/measure-worker.js', { type: 'module' });
window.call = (name, ...given) => new Promise((done, failed) => {
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = (event) => failed(new Error(event.message));
    worker.postMessage({ name, given });
});
"""
READY = """
const [depth, isHelped, done] = arguments;
(async () => {
    while (!window.call) await new Promise((next) => setTimeout(next, 5));
    const load = await call('load', isHelped);
    const tables = await call('measure_tables', depth);
    return { load: load.time, tables: tables.time, ready: performance.now() };
})().then(done, (failure) => done({ failed: String(failure) }));
"""
CALL = "const [name, given, done] = arguments; call(name, ...given).then(done, (failure) => done({ failed: String(failure) }));"


def worker_threads():
    """Of Chromium's worker threads: nanoseconds on a processor, and their process."""
    found = {}
    for pid in processes.descendants():
        for task in glob.glob(f"/proc/{pid}/task/*"):
            try:
                with open(f"{task}/comm") as name, open(f"{task}/schedstat") as spent:
                    if name.read().startswith("DedicatedWorker"):
                        found[task] = (int(spent.read().split()[0]), pid)
            except OSError:
                continue
    return found


def own_memory(pid):
    """What a process has in memory that is not the browser's program, in MB."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon")) / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--module", required=True)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--presentations", type=int, default=20)
    given = parser.parse_args()
    with open(given.module, "rb") as file:
        module = file.read()
    extra = {"/": (PAGE, "text/html"), "/page.js": (SCRIPT, "text/javascript"), "/module.wasm": (module, "application/wasm")}
    processes.adopt_orphans()
    server = Server([HERE, os.path.join(HERE, "..", "..", "Sources", "WalletWeb", "Page", "worker")], extra)
    try:
        with tempfile.TemporaryDirectory(prefix="symbolon-measure-", ignore_cleanup_errors=True) as folder:
            browser = Chromium(folder, "")
            try:
                workers = {"one_worker": measure(browser, server.origin, given, len(module), False),
                           "two_workers": measure(browser, server.origin, given, len(module), True)}
                print(json.dumps(workers, indent=2))
            finally:
                browser.quit()
    finally:
        server.close()
        processes.end_all()


def measure(browser, origin, given, module_bytes, is_helped):
    browser.driver.set_script_timeout(300)

    def call(name, *arguments):
        said = browser.driver.execute_async_script(CALL, name, list(arguments))
        if said.get("failed") or said["result"] <= 0:
            raise SystemExit(f"measure-wallet: {name}: {said}")
        return said

    # Once for the browser itself to be warm, then as a page is opened by who was there before.
    for _ in range(2):
        browser.open(f"{origin}/")
        ready = browser.driver.execute_async_script(READY, given.depth, is_helped)
        if ready.get("failed"):
            raise SystemExit(f"measure-wallet: {ready}")
    tree = call("measure_tree", given.depth)["result"]
    first = call("measure_presentation", tree)
    for _ in range(4):
        call("measure_presentation", tree)
    before = worker_threads()
    times = [call("measure_presentation", tree) for _ in range(given.presentations)]
    after = worker_threads()
    spent = [(after[task][0] - before[task][0], pid) for task, (_, pid) in before.items() if task in after]
    processor_time, pid = sum(time for time, _ in spent), max(spent, default=(0, None))[1]
    memory = own_memory(pid) if pid else None
    call("measure_verification", tree)
    load = os.getloadavg()[0]
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "")
    version = subprocess.run(["/usr/bin/chromium", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "browser": version, "processor": model, "processors": os.cpu_count(), "load": round(load, 1), "depth": given.depth,
        "module_bytes": module_bytes, "presentation_bytes": times[0]["result"],
        "page_ready_ms": round(ready["ready"]), "module_ms": round(ready["load"]), "tables_ms": round(ready["tables"]),
        "first_presentation_ms": round(first["time"]),
        "presentation_ms": round(statistics.median(one["time"] for one in times), 1),
        "presentation_least_ms": round(min(one["time"] for one in times), 1),
        "presentation_cpu_ms": round(processor_time / len(times) / 1e6, 1),
        "presentations": len(times), "module_memory_mb": round(times[-1]["memory"] / 2**20, 1),
        "process_own_memory_mb": memory and round(memory),
    }


main()
