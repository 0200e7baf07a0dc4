"""Tests of the applications under `examples/` and of the relying party of the tests."""
