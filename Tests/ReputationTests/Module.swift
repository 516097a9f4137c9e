// ReputationTests
