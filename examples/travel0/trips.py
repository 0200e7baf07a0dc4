"""The trips on show: the content of this example, the same for every customer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True)
class Trip:
    """One booked journey."""

    origin: str
    origin_code: str
    destination: str
    destination_code: str
    departs: date
    nights: int
    carrier: str
    hotel: str
    status: str
    is_settled: bool = True

    @property
    def day(self) -> str:
        return f"{self.departs:%a} {self.departs.day} {self.departs:%B}"


def upcoming_trips() -> list[Trip]:
    """Return the next three trips, counted from today so that they are always ahead."""
    today = datetime.now(UTC).date()
    return [
        Trip("Amsterdam", "AMS", "Lisbon", "LIS", today + timedelta(9), 3, "TP 671", "Memmo Alfama", "Confirmed"),
        Trip(
            "Rotterdam", "RTD", "Paris", "PAR", today + timedelta(23), 2, "EST 9326", "Hôtel Les Deux Gares", "Ticketed"
        ),
        Trip(
            "Amsterdam",
            "AMS",
            "Toronto",
            "YYZ",
            today + timedelta(41),
            5,
            "KL 691",
            "The Drake",
            "Awaiting approval",
            is_settled=False,
        ),
    ]
