"""The two shops of the whole-desk test, their one clock, the folders that were read from them, and the files they give."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import datetime, timedelta

from reconcile import Workspace
from tests.integration.conftest import KEY, last_noon
from tests.reliability import whole
from tests.reliability.desk import LivingShop
from tests.reliability.working import afresh

NAMES = ("east", "west")
OPTIONS = dict.fromkeys(whole.OPTIONS, "on")
FILES = ("orders", "skus", "mappings", "stock", "stock-second", "sync-log")
PERSONAL = ("client_name", "client_kana", "client_address1", "client_tel", "client_mail")


class Still:
    """The one clock of both shops and of every desk: it moves when it is told."""

    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at


class QuickWorkspace(Workspace):
    """One whose client does not wait between two calls, and that can leave its verdicts for later."""

    judges = True

    def _judge(self, account, **more):
        return super()._judge(account, **more) if self.judges else ({}, {})

    def _client(self, account, **options):
        return super()._client(account, sleep=lambda _: None, **options)


class World:
    """Two shops, and folders that were read from them once, to begin with."""

    def __init__(self, home):
        self.begins = last_noon()
        self.clock = Still(self.begins)
        epoch = ("--epoch", self.begins.isoformat())
        self.shops = {
            "east": LivingShop(*epoch, orders=25, seed=5, scenario="demo"),
            "west": LivingShop(*epoch, orders=8, seed=4),
        }
        rows = self.shops["east"].reader.orders().values()
        people = {row[name] for row in rows for name in PERSONAL if len(row[name].encode()) > 8}
        self.people = sorted(people)[:3]
        self.begun = {"read": (home / "read", []), "compared": (home / "compared", [])}
        desk = self.opened(home / "read")
        for name, shop in self.shops.items():
            desk.add_account(name, company_code="ill", key=KEY, base_url=shop.url, options=OPTIONS)
            desk.sync(name)
        afresh()
        self.compare(shutil.copytree(home / "read", home / "compared"))

    def compare(self, folder):
        """Every Smartship file of the first shop, taken into a folder."""
        desk = self.opened(folder)
        desk.judges = False
        files = [self.file("east", kind) for kind in FILES]
        for given, stated in files:
            desk.import_files("east", [given], **stated)
        desk.judges = True
        desk._judge(desk.accounts()[0])
        self.begun["compared"][1].append(covers(files[0][1]))
        afresh()

    def opened(self, folder, lang="ja"):
        return QuickWorkspace.open(
            folder, clock=self.clock, lang=lang, first_days=60, retries=0,
            catalogue_max_age_h=0, stock_max_age_min=0,
        )  # fmt: skip

    def advance(self, hours):
        self.clock.at += timedelta(hours=hours)
        for shop in self.shops.values():
            shop.post("clock", set=self.clock.at.isoformat())

    def rewind(self):
        self.clock.at = self.begins
        self.advance(0)

    def file(self, name, kind, encoding="utf-8-sig"):
        """A Smartship file as it is now, and what is stated with it."""
        data, told = self.shops[name].file(kind, encoding=encoding)
        stated = {
            "kind": kind.removesuffix("-second"),
            "snapshot_at": datetime.fromisoformat(told["X-Snapshot-At"]),
            "covers_from": datetime.fromisoformat(told["X-Coverage-From"]),
            "covers_to": datetime.fromisoformat(told["X-Coverage-To"]),
        }
        return (f"{kind}.csv", data), stated

    def stop(self):
        for shop in self.shops.values():
            shop.stop()


def covers(stated):
    return stated["covers_from"], stated["covers_to"], stated["snapshot_at"]


def with_addition(data, numbers):
    """An order file in which R- stands before every order number; the reference is our number, from which it is learned."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    site, reference = (rows[0].index(title) for title in ("サイト注文番号", "参照番号"))
    for row in rows[1:]:
        row[reference] = numbers.get(row[site], row[reference])
        row[site] = f"R-{row[site]}"
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
