// Module Reputation: see docs/architecture.md.
