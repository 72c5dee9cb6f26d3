"""What is written comes back as it was, or is refused with the place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smartship import ShipmentLine, read_file
from smartship.writer import TextWouldChange, write_lines, write_table

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["〜", "−", "¢", "£", "¬", "‖", "🎁", "か゛\u3099", "𠮟", "\u200b", "é"]
)
def test_text_that_cp932_cannot_carry_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(TextWouldChange) as caught:
        write_table([["a"], ["b", f"見本{text}"]], encoding="cp932")
    row, column, point = caught.value.places[0]
    assert (row, column) == (2, 2)
    assert point in {f"U+{ord(char):04X}" for char in text}
    assert "見本" not in str(caught.value)


def test_every_nec_and_ibm_character_written_is_written_truly() -> None:
    text = "①⑳ⅠⅩ㍉㈱㍻髙﨑彅～－￠￡￢∥"
    assert write_table([[text]], encoding="cp932").decode("cp932") == f"{text}\r\n"


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+α", "-10℃", "@x", "\tx", " =x", "＝x", "＋x", "－x", "＠x", "'=x", "''=x", "\r=x"],
)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    text = write_table([[cell]], encoding="utf-8").decode("utf-8")
    assert text.lstrip('"').startswith("'" + cell[0])
    assert (
        write_table([[cell]], encoding="utf-8", formula_safe=False)
        .decode("utf-8")
        .lstrip('"')
        .startswith(cell[0])
    )


@pytest.mark.parametrize("cell", ["タオル", "'70s", "1-2", "a=b", "", " x"])
def test_a_harmless_cell_is_left_alone(cell: str) -> None:
    assert write_table([["a", cell]], encoding="utf-8") == write_table(
        [["a", cell]], encoding="utf-8", formula_safe=False
    )


def test_lines_survive_a_round_trip_in_full() -> None:
    line = ShipmentLine(
        packing_no="QSP900000001",
        site_order_no="0001",
        item_name="+αサプリ　 ",
        option_text="",
        qty=1200,
        status_raw="謎",
        registered_at=datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC),
        site_notified=False,
        row_no=2,
        other={"ギフト包装": "=あり"},
    )
    for encoding in ("utf-8-sig", "cp932"):
        (again,) = read_file(write_lines([line], encoding=encoding), "a.csv", now=NOW).accepted
        assert again == line
