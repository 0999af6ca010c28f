"""What the plugin costs, next to other tools: ``python -m tests.benchmarks --help``. Not part of the tests."""
