// Module VerifierService: see docs/architecture.md.
