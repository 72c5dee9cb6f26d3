"""Errors say what happened in one line, and nothing they must not say."""

import copy
import pickle
from collections.abc import Callable

import pytest

from crossmall import errors, wire

FAMILY = [
    errors.CrossmallError,
    errors.ConfigurationError,
    errors.TransportError,
    errors.OutcomeUnknown,
    errors.ApiError,
    errors.AuthError,
    errors.NotFound,
    errors.UnreadableResponse,
]


def test_japanese_vendor_text_comes_through_str_and_repr() -> None:
    error = errors.NotFound(
        "there is no such thing",
        vendor_text="商品コードが見つかりません。",
        endpoint="get_stock",
        call_id="0a1b2c3d",
        http_status=200,
    )
    assert str(error) == (
        "get_stock: there is no such thing: 商品コードが見つかりません。 (HTTP 200, call 0a1b2c3d)"
    )
    assert repr(error) == (
        "NotFound('there is no such thing', endpoint='get_stock', http_status=200,"
        " call_id='0a1b2c3d', vendor_text='商品コードが見つかりません。')"
    )


def test_a_japanese_message_alone_is_shown_alone() -> None:
    assert str(errors.CrossmallError("失敗")) == "失敗"
    assert repr(errors.CrossmallError("失敗")) == "CrossmallError('失敗')"


def test_vendor_text_cannot_start_a_new_log_line_or_turn_the_text_around() -> None:
    error = errors.ApiError("x", vendor_text="一\r\n二\x1b[31m三\u202e四\u3000五")
    assert str(error) == "x: 一\\r\\n二\\x1b[31m三\\u202e四\u3000五"
    assert not {"\r", "\n", "\x1b", "\u202e"} & set(str(error) + repr(error))


@pytest.mark.parametrize("kind", FAMILY)
def test_every_error_has_its_own_cure_and_survives_copying(
    kind: type[errors.CrossmallError],
) -> None:
    assert kind.help_key.startswith("crossmall.error.")
    assert [other.help_key for other in FAMILY].count(kind.help_key) == 1
    error = kind("m", endpoint="get_order", retry_after_s=3.0, reason="r")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is kind
        assert repr(twin) == repr(error)
        assert twin.retry_after_s == 3.0


def test_the_tree_is_the_one_drawn_in_the_docstring() -> None:
    drawn = {
        line.split("- ")[-1].split()[0]: (len(line) - len(line.lstrip(" |"))) // 3
        for line in (errors.__doc__ or "").splitlines()
        if line.strip().startswith(("|", "Cross")) and "  " in line.strip()
    }
    names = {kind.__name__ for kind in FAMILY}
    assert names == set(drawn)
    assert issubclass(errors.OutcomeUnknown, errors.TransportError)
    assert issubclass(errors.AuthError, errors.ApiError)
    assert issubclass(errors.NotFound, errors.ApiError)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("認証エラー", errors.AuthError),
        ("ＩＰ認証に失敗しました", errors.AuthError),
        ("認証鍵が見つかりません。", errors.AuthError),
        ("商品コードが見つかりません。", errors.NotFound),
        ("処理フェーズが見つかりません。", errors.NotFound),
        ("日付の形式が不正です", errors.ApiError),
        ("", errors.ApiError),
    ],
)
def test_the_error_is_chosen_by_a_fragment_of_the_text(
    envelope: Callable[..., bytes], message: str, kind: type[errors.ApiError]
) -> None:
    error = wire.choose_error(wire.read_envelope(envelope(status="error", message=message)))
    assert type(error) is kind
    assert error.vendor_text == (message or None)


def test_success_is_no_error_whatever_the_message_says(envelope: Callable[..., bytes]) -> None:
    assert wire.choose_error(wire.read_envelope(envelope(message="認証"))) is None


def test_an_endless_message_is_cut(envelope: Callable[..., bytes]) -> None:
    body = envelope(status="error", message="長" * 10_000)
    error = wire.choose_error(wire.read_envelope(body))
    assert error is not None
    assert error.vendor_text == "長" * 500
