"""A reader of the kind people publish: pages one after the other, then details in parallel, all into lists.

A peer for benchmarks/sync.py; shares nothing with the product.
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote_plus

import httpx

Row = dict[str, Any]


def rows(body: bytes) -> list[Row]:
    """The Result elements of a reply as dictionaries."""
    return [
        {field.tag: field.text or "" for field in result}
        for result in ET.fromstring(body).iter("Result")
    ]


class PlainScript:
    """One run against a shop; `bodies` keeps every reply by its kind, up to `sampled`."""

    def __init__(self, url: str, company: str, key: str, *, sampled: dict[str, int]) -> None:
        self._url, self._company, self._key = url, company, key
        self._sampled = sampled
        self.bodies: dict[str, list[bytes]] = {kind: [] for kind in sampled}
        self._http = httpx.Client(timeout=60)

    def read(self, since: str, workers: int) -> tuple[list[Row], list[Row]]:
        """All orders changed since that day (YYYY-MM-DD), and their lines with the parts of sets."""
        with self._http:
            orders = self._orders(since)
            numbers = [one["order_number"] for one in orders if not one["bundle_ahead_number"]]
            with ThreadPoolExecutor(workers) as pool:
                found = list(pool.map(self._lines, numbers))
        return orders, [line for lines in found for line in lines]

    def _get(self, endpoint: str, **given: str) -> bytes:
        query = "&".join(
            f"{name}={quote_plus(value, safe=':')}"
            for name, value in {"account": self._company, **given}.items()
        )
        signing = hashlib.md5((query + self._key).encode()).hexdigest()
        return self._http.get(f"{self._url}/{endpoint}?{query}&signing={signing}").content

    def _orders(self, since: str) -> list[Row]:
        orders: list[Row] = []
        after = "0"
        while True:
            body = self._get("get_order", order_number=after, condition="1", updated_at_fr=since)
            self._keep("order", body)
            page = rows(body)
            orders += page
            if len(page) < 100:
                return orders
            after = page[-1]["order_number"]

    def _lines(self, number: str) -> list[Row]:
        body = self._get("get_order_detail", order_number=number)
        self._keep("detail", body)
        lines = rows(body)
        for line in lines:
            if line["component_flag"] == "1":
                place = {"order_number": number, "line_no": line["line_no"]}
                line["parts"] = rows(self._get("get_order_component", **place))
        return lines

    def _keep(self, kind: str, body: bytes) -> None:
        if len(self.bodies[kind]) < self._sampled[kind]:
            self.bodies[kind].append(body)
