// ProofsTests
