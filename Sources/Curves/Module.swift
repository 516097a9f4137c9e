// Module Curves: see docs/architecture.md.
