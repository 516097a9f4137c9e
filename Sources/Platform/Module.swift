// Module Platform: see docs/architecture.md.
