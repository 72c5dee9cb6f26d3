"""The reads whose names are partly guessed: attributes, what changed, services; off until confirmed."""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from crossmall import endpoints, queries, wire
from crossmall.endpoints import Endpoint
from crossmall.errors import ConfigurationError
from crossmall.paging import walk_changes
from crossmall.provisional import TRIED, UNCONFIRMED
from crossmall.reads import Reads
from crossmall.types import ItemAttribute, Page, ServiceStatus, SkuChange, StockChange


class Feeds(Reads):
    """Reading calls that no published client confirms; errors are those of ``Reads``.

    Against another host than this machine the unconfirmed ones raise ConfigurationError until the
    caller names them in ``confirmed``.
    """

    _confirmed: Collection[str] = ()

    @property
    @abstractmethod
    def _is_local(self) -> bool:
        """Whether the host is this machine, that is, a sandbox."""

    def is_confirmed(self, endpoint: str) -> bool:
        """True when the names of this call are seen somewhere, or the caller confirmed them.

        Raises ConfigurationError for a call this client does not offer, with the reason.
        """
        name = endpoints.endpoint(endpoint).name
        return name not in UNCONFIRMED or name in self._confirmed

    def _require_confirmed(self, endpoint: Endpoint) -> None:
        if not (self._is_local or self.is_confirmed(endpoint.name)):
            raise ConfigurationError(
                f"not confirmed against the real service: {UNCONFIRMED[endpoint.name]}",
                endpoint=endpoint.name,
                reason="unconfirmed",
            )

    def item_attributes(self, item_code: str, attribute_type: int) -> Page[ItemAttribute]:
        """All values of attribute 1 or 2 of an item, e.g. its colours."""
        fields = self._names.fields(endpoints.GET_ITEM_ATTRIBUTE.name)
        return self._call(
            endpoints.GET_ITEM_ATTRIBUTE,
            queries.attribute_parameters(item_code, attribute_type),
            lambda body: wire.read_item_attributes(body, fields),
        )

    def stock_changes(self, since: datetime) -> Iterator[Page[StockChange]]:
        """Stock that moved since an aware moment, oldest first, page by page; a hint only.

        Whether orders count as movements, and sets as moved with their parts, is unknown: sweep all
        stock now and then. Rows of the few seconds before ``since`` may come too.
        """
        endpoint = self._ready(endpoints.GET_DIFF_STOCK, since)
        fields = self._names.fields(endpoint.name)
        return walk_changes(
            lambda after: self._call(
                endpoint,
                queries.change_parameters(after),
                lambda body: wire.read_stock_changes(body, fields),
            ),
            since,
            endpoint,
        )

    def sku_changes(self, since: datetime) -> Iterator[Page[SkuChange]]:
        """SKUs whose master data changed since an aware moment, oldest first, page by page."""
        endpoint = self._ready(endpoints.GET_DIFF_ITEM_SKU, since)
        fields = self._names.fields(endpoint.name)
        return walk_changes(
            lambda after: self._call(
                endpoint,
                queries.change_parameters(after),
                lambda body: wire.read_sku_changes(body, fields),
            ),
            since,
            endpoint,
        )

    def service_statuses(self) -> Page[ServiceStatus]:
        """The states of 受信 (orders in) and 送信 (stock out)."""
        self._require_confirmed(endpoints.GET_SERVICE_STATUS)
        fields = self._names.fields(endpoints.GET_SERVICE_STATUS.name)
        return self._call(
            endpoints.GET_SERVICE_STATUS, {}, lambda body: wire.read_services(body, fields)
        )

    def tried(self, name: str, parameters: Mapping[str, str]) -> Page[str]:
        """What one trial of a call gave: the names of the fields that came, once per row; confirmed or not.

        name: one of ``provisional.TRIED``. It only reads, and no row is understood.
        """
        if name not in TRIED:
            raise ConfigurationError("no call to be tried", endpoint=name, reason="endpoint")
        return self._call(endpoints.endpoint(name), parameters, _field_names)

    def _ready(self, endpoint: Endpoint, since: datetime) -> Endpoint:
        self._require_confirmed(endpoint)
        queries.change_parameters(since)
        return endpoint


def _field_names(body: bytes) -> Page[str]:
    envelope = wire.read_envelope(body)
    error = wire.choose_error(envelope)
    if error is not None:
        raise error
    rows = tuple("" if isinstance(row, wire.BrokenRow) else " ".join(row) for row in envelope.rows)
    return Page(rows=rows, raw_count=len(envelope.rows), repaired=envelope.repaired)
