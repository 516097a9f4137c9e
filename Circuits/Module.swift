// Module Circuits: see docs/architecture.md.
