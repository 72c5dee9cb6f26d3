"""Work that takes longer than a page may wait: one thread per account and kind, watched but never waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from reconcile import Workspace

POLL_S = 0.6
AT_ONCE = 8


@dataclass(slots=True, eq=False)
class Job:
    """One running or finished piece of work. `seen` grows while it runs; `future` holds its result or its error.

    ended_at: when it was over (aware UTC), None while it runs.
    """

    kind: str
    account: str
    stop: threading.Event = field(default_factory=threading.Event)
    seen: list[Any] = field(default_factory=list)
    future: Future[Any] = field(default_factory=Future)
    ended_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return not self.future.done()

    @property
    def error(self) -> BaseException | None:
        """What stopped it, or None while it runs or when it ended well."""
        return None if self.running else self.future.exception()


class Jobs:
    """All work of one server process: at most one job per data folder, account and kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="totsugo-job")
        self._jobs: dict[tuple[str, str, str], Job] = {}

    def find(self, workspace: Workspace, kind: str, account: str) -> Job | None:
        """The latest job of that kind for that account, or None."""
        return self._jobs.get((str(workspace.data), kind, account))

    def forget(self, workspace: Workspace, kind: str, account: str) -> None:
        """Drops a finished job, so that its result is shown once only."""
        with self._lock:
            self._jobs.pop((str(workspace.data), kind, account), None)

    def start(
        self, workspace: Workspace, kind: str, account: str, work: Callable[[Job], Any]
    ) -> Job:
        """Starts `work(job)`, or gives the job that is running already."""
        place = (str(workspace.data), kind, account)
        with self._lock:
            known = self._jobs.get(place)
            if known is not None and known.running:
                return known
            job = Job(kind=kind, account=account)
            job.future = self._pool.submit(_ended, work, job)
            self._jobs[place] = job
            return job

    def sync(self, workspace: Workspace, account: str, *, full: bool = False) -> Job:
        """Starts a sync of that account; `job.seen` receives each Progress. May be called from any thread."""
        return self.start(
            workspace,
            "sync",
            account,
            lambda job: workspace.sync(
                account, full=full, on_progress=job.seen.append, cancelled=job.stop.is_set
            ),
        )


def _ended(work: Callable[[Job], Any], job: Job) -> Any:
    try:
        return work(job)
    finally:
        job.ended_at = datetime.now(UTC)


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The job board of this server process."""
    return Jobs()


def start_sync(workspace: Workspace, account: str, *, full: bool = False) -> Job:
    """Starts a sync of that account in the background; `job.seen` receives each Progress."""
    return jobs().sync(workspace, account, full=full)


def start_test(workspace: Workspace, account: str) -> Job:
    """Starts the connection test of that account; `job.seen` receives each Step as it is done."""
    return jobs().start(
        workspace,
        "test",
        account,
        lambda job: workspace.test_account(account, on_step=job.seen.append),
    )


def start_demo(workspace: Workspace) -> Job:
    """Starts setting up the demo; `job.seen` receives each Progress."""
    return jobs().start(
        workspace, "demo", "", lambda job: workspace.provision_demo(on_progress=job.seen.append)
    )
