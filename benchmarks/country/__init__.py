"""Made months of pension workplaces, as large as the whole country: ``python -m benchmarks.country DIR``. See benchmarks/README.md."""
