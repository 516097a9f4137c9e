// Module Proofs: see docs/architecture.md.
