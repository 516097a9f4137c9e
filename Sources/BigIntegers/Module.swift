// Module BigIntegers: see docs/architecture.md.
