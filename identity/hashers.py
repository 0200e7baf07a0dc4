"""Password hashing with the parameters we chose."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OwaspArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters: 19 MiB, two passes, one lane; about 18 ms of a core."""

    algorithm = "argon2"
    time_cost = 2
    memory_cost = 19456
    parallelism = 1
