"""Long control answers as JSON written piece by piece, so that other requests go on meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from starlette.responses import StreamingResponse

ROWS_AT_ONCE = 100
Sections = Iterator[tuple[str, Iterable[Any]]]


def streamed(heading: Mapping[str, Any], sections: Sections) -> StreamingResponse:
    """One JSON object: the keys of the heading, then each section as a list."""
    return StreamingResponse(_text(heading, sections), media_type="application/json")


async def _text(heading: Mapping[str, Any], sections: Sections) -> AsyncIterator[str]:
    yield json.dumps(heading, ensure_ascii=False)[:-1]
    for name, rows in sections:
        yield f', "{name}": ['
        left, first = iter(rows), True
        while chunk := list(islice(left, ROWS_AT_ONCE)):
            text = json.dumps(chunk, ensure_ascii=False)[1:-1]
            yield text if first else f", {text}"
            first = False
            await asyncio.sleep(0)
        yield "]"
    yield "}"
