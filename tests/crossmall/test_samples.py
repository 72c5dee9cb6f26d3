"""Every recorded reply is read as its meta file says; the samples are the judge."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from crossmall import errors, wire
from crossmall.fields import is_personal

SAMPLES = Path(__file__).parents[1] / "samples" / "crossmall"
CASES = sorted(SAMPLES.glob("*/*/meta.toml"))
READERS = {
    "get_phase": wire.read_phases,
    "get_order": wire.read_orders,
    "get_order_detail": wire.read_order_lines,
    "get_order_component": wire.read_order_components,
    "get_item": wire.read_items,
    "get_item_sku": wire.read_item_skus,
    "get_stock": wire.read_stock,
}
FICTIONAL_PEOPLE = (
    "架空 太郎",
    "架空 花子",
    "カクウ",
    "架空県",
    "000-0000-0000",
    "taro@example.invalid",
    "玄関先",
    "のし希望",
    "常連",
    "割れ物",
    "電話済み",
    "タロウ",
    "2000-01-01",
)


def case_name(path: Path) -> str:
    return f"{path.parts[-3]}-{path.parts[-2]}"


def load(path: Path) -> tuple[str, bytes, dict[str, Any]]:
    meta = tomllib.loads(path.read_text(encoding="utf-8"))
    return path.parts[-3], (path.parent / "response.xml").read_bytes(), meta


def test_every_endpoint_has_samples() -> None:
    assert {path.parts[-3] for path in CASES} == READERS.keys()


@pytest.mark.parametrize("path", CASES, ids=case_name)
def test_a_sample_states_its_source_and_its_evidence(path: Path) -> None:
    meta = load(path)[2]
    assert meta["source"]
    assert meta["evidence"] in {"S", "S2", "S3", "M", "I", "D"}


@pytest.mark.parametrize("path", CASES, ids=case_name)
def test_a_sample_is_read_as_its_meta_file_says(path: Path) -> None:
    endpoint, body, meta = load(path)
    expect = meta["expect"]
    if "error" in expect:
        with pytest.raises(errors.ApiError) as caught:
            READERS[endpoint](body)
        assert type(caught.value).__name__ == expect["error"]
        assert caught.value.vendor_text == expect["vendor_text"]
        return
    page = READERS[endpoint](body)
    assert len(page.rows) == expect["rows"]
    assert [row.reason for row in page.skipped] == expect.get("skipped", [])
    assert page.raw_count == expect["rows"] + len(expect.get("skipped", []))
    assert page.repaired is expect.get("repaired", False)
    assert page.unknown_fields == set(expect.get("unknown_fields", []))
    if "last_key" in expect:
        assert page.last_key == expect["last_key"]
    for name, value in expect.get("first", {}).items():
        assert getattr(page.rows[0], name) == value
    for name, value in expect.get("last", {}).items():
        assert getattr(page.rows[-1], name) == value
    for name, value in expect.get("first_other", {}).items():
        assert page.rows[0].other[name] == value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "path", [path for path in CASES if "error" not in load(path)[2]["expect"]], ids=case_name
)
def test_no_personal_value_survives_reading_by_default(path: Path) -> None:
    endpoint, body, _ = load(path)
    page = READERS[endpoint](body)
    shown = repr(page) + "".join(
        str(dict(getattr(row, kind, {}))) for row in page.rows for kind in ("other", "personal")
    )
    assert not [value for value in FICTIONAL_PEOPLE if value in shown]


def test_personal_values_are_kept_apart_when_asked_for_and_stay_out_of_the_repr() -> None:
    body = (SAMPLES / "get_order" / "one_order" / "response.xml").read_bytes()
    (order,) = wire.read_orders(body, keep_personal=True).rows
    assert order.personal["ship_name"] == "架空 花子"
    assert order.personal["order_memo"] == "玄関先に置いてください\n二行目"
    assert not any(is_personal(name) for name in order.other)
    assert "架空" not in repr(order)


def test_an_order_line_keeps_labels_always_and_answers_only_when_asked() -> None:
    body = (SAMPLES / "get_order_detail" / "two_lines" / "response.xml").read_bytes()
    assert wire.read_order_lines(body).rows[0].personal == {}
    line = wire.read_order_lines(body, keep_personal=True).rows[0]
    assert line.personal == {"item_option1": "タロウ"}
    assert line.other["item_option1_label"] == "名入れ"


def test_empty_elements_count_as_absent() -> None:
    body = (SAMPLES / "get_order" / "one_order" / "response.xml").read_bytes()
    (order,) = wire.read_orders(body, keep_personal=True).rows
    assert b"<mail_name/>" in body
    assert all((*order.other.values(), *order.personal.values()))
    assert order.bundle_ahead_number is None


def test_look_alike_phase_names_stay_apart() -> None:
    body = (SAMPLES / "get_phase" / "look_alike_names" / "response.xml").read_bytes()
    names = [phase.name for phase in wire.read_phases(body).rows]
    assert len(set(names)) == 6
    assert "発送待機 " in names
