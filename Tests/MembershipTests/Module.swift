// MembershipTests
