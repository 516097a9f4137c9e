// VerifierServiceTests
