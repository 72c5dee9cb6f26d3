"""Changes over real sockets: no resend by the HTTP library, whatever the connection does."""

import ast
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crossmall import errors
from crossmall.approval import AllowWrites, WriteRecord
from crossmall.client import Client
from crossmall.types import Credentials, OrderQuery, Secret

ROOT = Path(__file__).parents[2]
Envelope = Callable[..., bytes]
UPDATED = (
    b"<U><ResultSet TotalResult='0'><ResultStatus><UpdStatus>success</UpdStatus><Message/>"
    b"</ResultStatus></ResultSet></U>"
)


class Raw(socketserver.ThreadingTCPServer):
    """One order behind a bare socket; ``manner`` says what an update does to the connection."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, envelope: Envelope) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.envelope = envelope
        self.manner = "answer"
        self.phase = "確認待ち"
        self.updates: list[int] = []  # port of the caller, one for each update that arrived
        self.heads: list[bytes] = []
        self.drop_reads_after = False
        self.released = threading.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/webapi2"


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        shop = self.server
        assert isinstance(shop, Raw)
        while line := self.rfile.readline():
            head = line
            while (more := self.rfile.readline()) not in (b"\r\n", b""):
                head += more
            target = urlsplit(line.split(b" ")[1].decode())
            if target.path.endswith("/upd_order_phase"):
                shop.updates.append(self.client_address[1])
                shop.heads.append(head)
                if not self.update(shop, parse_qs(target.query)):
                    return
                continue
            row = {"order_number": "00000007", "phase_name": shop.phase}
            self.reply(shop.envelope(row))
            if shop.drop_reads_after:
                return

    def update(self, shop: Raw, asked: dict[str, list[str]]) -> bool:
        """Whether the conversation goes on."""
        if shop.manner != "drop":
            shop.phase = asked["after_phase_name"][0]
        if shop.manner == "answer":
            self.reply(UPDATED)
        elif shop.manner == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + UPDATED[:40])
        elif shop.manner == "redirect":
            self.wfile.write(
                f"HTTP/1.1 307 Moved\r\nLocation: {shop.base_url}/upd_order_phase?x=1\r\n"
                "Content-Length: 0\r\n\r\n".encode()
            )
        elif shop.manner == "hang":
            shop.released.wait(10)
        return shop.manner in ("answer", "redirect")

    def reply(self, body: bytes) -> None:
        self.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


@pytest.fixture
def shop(envelope: Envelope) -> Iterator[Raw]:
    with Raw(envelope) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def writer(shop: Raw, records: list[WriteRecord], **options: Any) -> Client:
    return Client(
        Credentials(company_code="ill", key=Secret("k"), base_url=shop.base_url),
        allow_writes=AllowWrites(approved_by="a", plan_id="p", journal=records.append),
        sleep=lambda _: None,
        retries=5,
        **options,
    )


@pytest.mark.parametrize(
    ("manner", "state"),
    [
        ("answer", "applied"),
        ("apply, then drop", "applied"),
        ("half", "applied"),
        ("redirect", "applied"),
        ("hang", "applied"),
        ("drop", "not_applied"),
    ],
)
def test_an_update_arrives_exactly_once_whatever_the_connection_does(
    shop: Raw, manner: str, state: str
) -> None:
    shop.manner = manner
    records: list[WriteRecord] = []
    with writer(shop, records, timeout_s=0.5) as client:
        result = client.update_order_phase("7", "発送待ち")
    assert len(shop.updates) == 1
    assert result.state == state
    assert [record.stage for record in records] == ["intent", "outcome"]


def test_an_update_never_goes_out_on_a_connection_that_was_kept(shop: Raw) -> None:
    """The server closes each kept connection after its answer; a reused one would lose the update."""
    shop.drop_reads_after = True
    with writer(shop, []) as client:
        for goal in ("発送待ち", "完了", "確認待ち"):
            result = client.update_order_phase("7", goal)
            assert (result.state, result.error) == ("applied", None)
    assert len(shop.updates) == len(set(shop.updates)) == 3
    assert all(b"connection: close" in head.lower() for head in shop.heads)


def test_reads_survive_a_kept_connection_that_died(shop: Raw) -> None:
    shop.drop_reads_after = True
    with writer(shop, []) as client:
        for _ in range(5):
            page = client.order_page(OrderQuery(order_number="7"))
            assert [row.phase_name for row in page.rows] == ["確認待ち"]


def test_a_server_that_is_gone_is_not_written_to_and_the_order_is_not_read() -> None:
    credentials = Credentials(
        company_code="ill", key=Secret("k"), base_url="http://127.0.0.1:1/webapi2"
    )
    records: list[WriteRecord] = []
    leave = AllowWrites(approved_by="a", plan_id="p", journal=records.append)
    with (
        Client(credentials, allow_writes=leave, retries=0) as client,
        pytest.raises(errors.TransportError),
    ):
        client.update_order_phase("7", "完了")
    assert records == []


def test_nothing_in_the_dashboard_gives_itself_leave_to_write() -> None:
    """Writes have a road of their own; a screen, a rule or a sync that makes the leave is a leak."""
    wrong = []
    files = [*(ROOT / "reconcile").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    files += [path for path in (ROOT / "crossmall").rglob("*.py") if path.name != "approval.py"]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name == "AllowWrites" or "allow_writes" in {word.arg for word in node.keywords}:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(files) > 50
    assert wrong == []
