"""HyperQueue's command line `hq`, as far as its test goes, for its Python package, which has none.

    python hq.py server start
    python hq.py worker start --cpus N
    python hq.py submit [FLAGS] SCRIPT
    python hq.py job wait ID

Server, workers and what a task is given are HyperQueue's own. Made again are only the commands, as
its manual has them; flags that are not needed here are refused. HQ_SERVER_DIR is the folder of the
server. Server and workers run until they are killed.
"""

import argparse
import os
import shlex
import signal
import sys
from pathlib import Path

import hyperqueue
from hyperqueue.cluster import WorkerConfig
from hyperqueue.ffi.protocol import ResourceRequest

server_folder = Path(os.environ["HQ_SERVER_DIR"])


def start_server():
    cluster = hyperqueue.LocalCluster(str(server_folder))
    signal.pause()
    cluster.stop()


def start_worker(cpus):
    # The package has workers only as threads beside a server, where none can be killed. For one in
    # a process of its own a second server is started, which nobody uses; then the address of the
    # first takes the place of its own, and the worker goes by what it finds there.
    folder = server_folder / f"worker-{os.getpid()}"
    cluster = hyperqueue.LocalCluster(str(folder))
    address = folder / "hq-current"
    address.unlink()
    address.symlink_to((server_folder / "hq-current").resolve())
    cluster.start_worker(WorkerConfig(cores=cpus))
    signal.pause()
    cluster.stop()


def submit_flags():
    flags = argparse.ArgumentParser(prog="hq submit", allow_abbrev=False)
    flags.add_argument("--name")
    flags.add_argument("--array", default="0")
    flags.add_argument("--cpus", type=int, default=1)
    flags.add_argument("--crash-limit", type=int, default=5)
    flags.add_argument("--stdout", choices=["none"], required=True)
    flags.add_argument("--stderr", choices=["none"], required=True)
    return flags


def directives(text):
    """Words behind #HQ, in lines that only comments and empty lines precede."""
    words = []
    for line in text.splitlines():
        if line.startswith("#HQ "):
            words += shlex.split(line[len("#HQ ") :])
        elif line.strip() and not line.startswith("#"):
            break
    return words


def submit(words):
    script = words[-1]
    text = Path(script).read_text()
    # Directives are for names like this one alone. The command line comes last, and holds.
    found = directives(text) if script.endswith(".sh") else []
    flags = submit_flags().parse_args(found + words[:-1])
    first, _, last = flags.array.partition("-")
    job = hyperqueue.Job(name=flags.name, max_fails=None)
    for task_id in range(int(first), int(last or first) + 1):
        task = job.program(
            text.splitlines()[0].removeprefix("#!").split() + [script],
            stdout=None,
            stderr=None,
            resources=ResourceRequest(cpus=flags.cpus),
            crash_limit=flags.crash_limit,
        )
        task.task_id = task_id
    submitted = hyperqueue.Client(server_folder).submit(job)
    print(f"Job submitted successfully, job ID: {submitted.id}")


def wait(job_id):
    connection = hyperqueue.Client(server_folder).connection
    if failed := connection.wait_for_jobs([job_id], lambda progress: None):
        raise SystemExit(f"failed: {connection.get_failed_tasks(failed)}")


def main(words):
    if words == ["--version"]:
        print(f"hyperqueue {hyperqueue.get_version()}, its Python package")
    elif words == ["server", "start"]:
        start_server()
    elif words[:3] == ["worker", "start", "--cpus"] and len(words) == 4:
        start_worker(int(words[3]))
    elif words[:1] == ["submit"] and len(words) > 1:
        submit(words[1:])
    elif words[:2] == ["job", "wait"] and len(words) == 3:
        wait(int(words[2]))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
