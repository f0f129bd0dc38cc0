"""Tools of the project itself: benchmarks, nightly shards, the freezing of tables."""
