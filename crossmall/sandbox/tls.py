"""Certificates made at the start and thrown away with the process: one good, four bad ones."""

import datetime
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "127.0.0.1"
OTHER_HOST = "other.invalid"
LIFE = datetime.timedelta(days=2)
DAY = datetime.timedelta(days=1)
AWAY = {"expired": -10, "not-yet-valid": 10}  # days by which such a certificate is off
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Identity:
    """What the server shows, and the certificate a client has to trust to accept the good one."""

    context: ssl.SSLContext
    ca_pem: str


def identity(mode: str) -> Identity:
    """A server identity of one of the kinds of `--tls`; signed by a throw-away authority (or by itself)."""
    now = datetime.datetime.now(datetime.UTC)
    authority, owner = _key(), _key()
    root = _certificate("sandbox CA", authority, "sandbox CA", authority, now=now, ca=True)
    issuer = "sandbox CA" if mode != "self-signed" else "sandbox"
    signer = authority if mode != "self-signed" else owner
    since = now + AWAY.get(mode, 0) * DAY
    host = OTHER_HOST if mode == "wrong-name" else HOST
    leaf = _certificate("sandbox", owner, issuer, signer, now=since, host=host)
    return Identity(_context(leaf, owner), _pem(root))


def _key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(
    name: str,
    owner: Key,
    issuer: str,
    signer: Key,
    *,
    now: datetime.datetime,
    host: str = HOST,
    ca: bool = False,
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    public = owner.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(_usage(ca=ca), critical=True)
    )
    if not ca:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(_names(host), critical=False)
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _names(host: str) -> x509.SubjectAlternativeName:
    if host == HOST:
        addresses = [x509.IPAddress(ipaddress.IPv4Address(HOST)), x509.DNSName("localhost")]
        return x509.SubjectAlternativeName(addresses)
    return x509.SubjectAlternativeName([x509.DNSName(host)])


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _context(leaf: x509.Certificate, owner: Key) -> ssl.SSLContext:
    """A server context; ssl reads from files only, so the pair lies in a private folder meanwhile."""
    secret = owner.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pair = Path(folder) / "pair.pem"
        pair.write_bytes(secret + _pem(leaf).encode())
        context.load_cert_chain(pair)
    return context


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
