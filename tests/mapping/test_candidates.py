"""Candidates rest on the files of now: made ready beside whoever looks at the desk, never told of older ones."""

from __future__ import annotations

import pytest

from reconcile.mapping_candidates import candidates_of, is_ready
from reconcile.store import mapping as store
from tests.mapping.desk import key

LIMIT_S = 60
ROW = """
    INSERT INTO ss_sku_mapping (account, mapping_key, sku_no, sales_site, site_product_no, site_product_name, snapshot_at,
        import_id)
    VALUES ('shop', $sku, $sku, $site, 'other', $name, $now, 'g')
"""


@pytest.fixture
def desk(towels):
    return towels(4)


def ready(desk):
    with desk.workspace._db.read() as cursor:
        return is_ready(cursor, "shop", str(desk.workspace._db.path))


def wait(desk):
    """Until nothing is made ready any more."""
    for thread in desk.workspace._readying.running():
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def skus(desk, number=0):
    return {one.sku_no for one in desk.case(number).candidates}


def of(desk, cursor):
    """The SKU numbers that a reader of the mirror is told for the first product."""
    rows = store.cases(cursor, "shop", [key(0)])[key(0)]
    return {one.sku_no for one in candidates_of(cursor, "shop", str(desk.workspace._db.path), rows)}


@pytest.mark.parametrize("look", ["mapping", "mapping_queue"])
def test_a_look_at_the_desk_makes_ready_what_cases_need_of_a_new_file(desk, look):
    desk.workspace.renews_beside = True
    skus(desk)
    desk.execute(ROW, sku="N1", site=None, name="タオル 白 大判")
    assert not ready(desk)
    getattr(desk.workspace, look)("shop")
    wait(desk)
    assert ready(desk)
    assert "N1" in skus(desk)


def test_a_program_that_ends_makes_nothing_ready_that_nobody_asked_for(desk):
    desk.workspace.mapping("shop")
    assert not desk.workspace._readying.running()
    assert not ready(desk)


def test_a_case_opened_before_what_is_made_ready_sees_the_new_file_all_the_same(desk):
    assert "N1" not in skus(desk)
    desk.execute(ROW, sku="N1", site=None, name="タオル 白 大判")
    assert "N1" in skus(desk)
    desk.execute("DELETE FROM ss_sku_mapping WHERE sku_no = 'N1'")
    assert "N1" not in skus(desk)


def test_rows_of_another_sales_site_are_told_no_more_once_judging_knows_ours(desk):
    desk.execute(ROW, sku="N1", site="CROSS MALL", name="タオル 白 大判")
    desk.execute(ROW, sku="N2", site="別のモール", name="タオル 白 特大")
    assert {"N1", "N2"} <= skus(desk)
    desk.judge()
    assert "N1" in skus(desk)
    assert "N2" not in skus(desk)


def test_every_reader_is_told_of_the_files_it_sees(desk):
    with desk.workspace._db.read() as before:
        assert "N1" not in of(desk, before)
        desk.execute(ROW, sku="N1", site=None, name="タオル 白 大判")
        with desk.workspace._db.read() as after:
            assert "N1" in of(desk, after)
            assert "N1" not in of(desk, before)
            assert "N1" in of(desk, after)
