// Module Membership: see docs/architecture.md.
