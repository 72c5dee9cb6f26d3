"""The signature CROSS MALL asks for: MD5 over the query text exactly as it will be sent."""

import hashlib

from crossmall.credentials import Secret

SIGNING_PARAMETER = "signing"  # [S3]


def sign(query_text: str, key: Secret) -> str:
    """Lower-case MD5 hex of the query text with the key appended, nothing between them.

    query_text: the encoded query without ``signing``, in the order it will be sent.
    Source: crossmall-webapi 2.1 [S3], with a published vector.
    """
    text = (query_text + key.reveal()).encode("utf-8")
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def signed_query(query_text: str, key: Secret) -> str:
    """The query text with ``signing`` put last, ready to follow the question mark [S3]."""
    return f"{query_text}&{SIGNING_PARAMETER}={sign(query_text, key)}"
