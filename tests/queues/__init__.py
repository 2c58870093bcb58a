"""Real task queues: a worker is a process of its own, with the tests' databases and the same settings."""
