"""Connections: every account with its test, sync, Smartship files, phases and settings, a new account, and alerts."""

from pages.ui import accountcard, accountform, alertlist
from pages.ui.frame import frame

with frame("connections", bare=True) as view:
    for account in view.accounts:
        if view.account in (None, account.name):
            accountcard.show(view, account)
    accountform.add(view)
    if view.accounts:
        alertlist.show(view)
