"""Real sockets and real certificates: every way in which the road to the service can end, told apart."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crossmall import reach, reach_http

HOME = "127.0.0.1"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<?xml version='1.0'?><GetPhase/>"


def named(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def certificate(own, signer, issuer, *, start, end, host=HOME):
    alternative = x509.IPAddress(IPv4Address(host)) if host == HOME else x509.DNSName(host)
    is_root = own is signer
    return (
        x509.CertificateBuilder()
        .subject_name(named("root" if is_root else "leaf"))
        .issuer_name(named(issuer))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )  # fmt: skip


class Authority:
    """A certificate authority of this test run, and server contexts it vouches for, or does not."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.root = certificate(self.key, self.key, "root", start=NOW - DAY, end=NOW + 400 * DAY)
        self.trust = ssl.create_default_context()
        self.trust.load_verify_locations(cadata=self.pem(self.root).decode())

    def pem(self, made):
        return made.public_bytes(serialization.Encoding.PEM)

    def server(self, *, start=NOW - DAY, end=NOW + 90 * DAY, host=HOME, own_signature=False):
        key = ec.generate_private_key(ec.SECP256R1())
        signer, issuer = (key, "root") if own_signature else (self.key, "root")
        leaf = certificate(key, signer, issuer, start=start, end=end, host=host)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file = self.folder / "server.pem"
        file.write_bytes(private + self.pem(leaf))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@contextlib.contextmanager
def listening(reply=OK, context=None):
    """A server that reads one request per connection, says `reply` and hangs up; gives its port."""
    with socket.socket() as server:
        server.bind((HOME, 0))
        server.listen()
        server.settimeout(0.1)
        over = threading.Event()

        def serve():
            while not over.is_set():
                with contextlib.suppress(OSError):
                    answer(server.accept()[0])

        def answer(line):
            line.settimeout(2)
            with contextlib.closing(line):
                talk = context.wrap_socket(line, server_side=True) if context else line
                with contextlib.closing(talk):
                    if talk.recv(4096) and reply is not None:
                        talk.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()


def to(port, scheme="https"):
    return reach.target(f"{scheme}://{HOME}:{port}/webapi2")


def test_a_base_url_names_host_port_and_path():
    found = reach.target("https://crossmall.jp/webapi2/")
    assert (found.host, found.port, found.path, found.is_tls) == ("crossmall.jp", 443, "/webapi2", True)  # fmt: skip
    assert reach.target("http://127.0.0.1:8080/x").is_local
    with pytest.raises(ValueError, match="base_url"):
        reach.target("ftp://crossmall.jp")


def test_a_name_that_nobody_may_register_is_not_found():
    found = reach.resolve(reach.target("https://crossmall.invalid/webapi2"))
    assert found.addresses == ()
    assert found.reason in {"dns_unknown", "dns_unavailable"}
    assert reach.resolve(reach.target("https://localhost/webapi2")).reason is None


def test_a_connection_knows_its_own_end_and_a_closed_port_refuses():
    with listening() as port:
        opened = reach.connect(to(port), (HOME,))
        assert (opened.reason, opened.local_address) == (None, HOME)
        assert not opened.local_is_public
    assert reach.connect(to(port), (HOME,)).reason == "refused"
    assert reach.connect(to(port), ()).reason == "unreachable"


def test_a_good_certificate_tells_its_last_day(authority):
    with listening(context=authority.server(end=NOW + 20 * DAY)) as port:
        seen = reach.handshake(to(port), HOME, context=authority.trust)
    assert seen.reason is None
    assert seen.protocol == "TLSv1.3"
    assert abs((seen.expires_at - NOW) - 20 * DAY) < datetime.timedelta(seconds=2)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"start": NOW - 9 * DAY, "end": NOW - DAY}, "tls_expired"),
        ({"start": NOW + DAY}, "tls_not_yet_valid"),
        ({"own_signature": True}, "tls_self_signed"),
        ({"host": "other.example"}, "tls_wrong_name"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told_apart(authority, how, reason):
    trust = ssl.create_default_context() if "own_signature" in how else authority.trust
    with listening(context=authority.server(**how)) as port:
        assert reach.handshake(to(port), HOME, context=trust).reason == reason


def test_an_issuer_nobody_here_knows_is_not_called_self_signed(authority):
    with listening(context=authority.server()) as port:
        assert reach.handshake(to(port), HOME).reason == "tls_unknown_issuer"


def test_two_sides_without_a_common_version_differ_by_protocol(authority):
    server = authority.server()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    authority.trust.minimum_version = ssl.TLSVersion.TLSv1_3
    with listening(context=server) as port:
        assert reach.handshake(to(port), HOME, context=authority.trust).reason == "tls_protocol"


def test_a_server_without_tls_is_not_called_a_bad_certificate():
    with listening() as port:
        assert reach.handshake(to(port), HOME).reason == "tls_none"


def reply(status="200 OK", body=b"<?xml version='1.0'?><GetPhase/>", **headers):
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


PAGE = b"<!DOCTYPE html><html></html>"
ANSWERS = {
    "xml": (reply(), None),
    "envelope with a status": (reply("500 Oops"), None),
    "page": (reply(body=PAGE), "html"),
    "empty": (reply(body=b""), "empty"),
    "words": (reply(body=b"ok"), "not_xml"),
    "elsewhere": (reply("302 Found", b"", Location="https://login.example/a?b=c"), "redirect"),
    "missing": (reply("404 Not Found", PAGE), "not_found"),
    "proxy": (reply("407 Login", PAGE, Proxy_Authenticate="Basic"), "proxy_login"),
    "forbidden": (reply("403 No", PAGE), "forbidden"),
    "throttled": (reply("429 Slow", b"slow"), "throttled"),
    "broken": (reply("500 Oops", b"oops"), "server_error"),
    "closed for works": (reply("503 Later", PAGE), "unavailable"),
    "teapot": (reply("418 Tea", b"tea"), "http_status"),
    "not http": (b"220 mail.example ESMTP\r\n", "closed"),
    "hung up": (None, "closed"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_answers_is_told_by_its_shape(name):
    said, reason = ANSWERS[name]
    with listening(said) as port:
        answer = reach_http.ask(to(port, "http"), HOME, timeout_s=2)
    assert answer.reason == reason
    assert "b=c" not in repr(answer)


def test_a_redirect_shows_its_host_and_a_silent_server_its_silence():
    with listening(ANSWERS["elsewhere"][0]) as port:
        assert reach_http.ask(to(port, "http"), HOME).location == "https://login.example"
    with socket.socket() as deaf:
        deaf.bind((HOME, 0))
        deaf.listen()
        port = deaf.getsockname()[1]
        assert reach_http.ask(to(port, "http"), HOME, timeout_s=0.2).reason == "timeout"


@pytest.mark.parametrize("seconds", [-3600, 0, 90, 3600])
def test_the_date_of_an_answer_gives_the_difference_of_the_clocks(seconds):
    theirs = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    with listening(reply(Date=theirs.strftime("%a, %d %b %Y %H:%M:%S GMT"))) as port:
        answer = reach_http.ask(to(port, "http"), HOME)
    assert answer.skew_s == pytest.approx(seconds, abs=2.5)


def test_an_answer_without_a_date_or_with_nonsense_tells_no_difference():
    for said in (reply(), reply(Date="the day after tomorrow")):
        with listening(said) as port:
            assert reach_http.ask(to(port, "http"), HOME).skew_s is None


def test_over_tls_the_same_question_is_answered(authority):
    with listening(context=authority.server()) as port:
        assert reach_http.ask(to(port), HOME, context=authority.trust).kind == "xml"
        assert reach_http.ask(to(port), HOME).reason == "tls_certificate"
