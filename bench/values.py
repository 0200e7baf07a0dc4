"""What the seed and the load agree on. Knows nothing of Django."""

from typing import Final

CALLBACK: Final = "https://rp.example.com/cb"
SECRET: Final = "s" * 64
PASSWORD: Final = "correct horse battery staple"
AUDIENCE: Final = "https://api.example.com/"
SCOPE: Final = "api"
USERS: Final = 200
ORGANIZATION: Final = "bench"


def email(number: int) -> str:
    return f"user{number}@example.com"
