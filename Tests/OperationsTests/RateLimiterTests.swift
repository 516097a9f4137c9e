import Operations
import Testing

@Suite("Limits for each network") struct RateLimiterTests {
    @Test("A minute's worth at once, then as it fills; others are not touched")
    func fills() throws {
        let limiter = RateLimiter(perMinute: 30)
        let (one, other) = (try #require(ClientAddress("192.0.2.1")), try #require(ClientAddress("192.0.2.2")))
        for _ in 0..<30 { #expect(limiter.take(one, now: 100) == nil) }
        #expect(limiter.take(one, now: 100) == 2)
        #expect(limiter.take(other, now: 100) == nil)
        #expect(limiter.take(one, now: 101.9) != nil)
        #expect(limiter.take(one, now: 102) == nil)
        #expect(limiter.take(one, now: 102) != nil)
        // Never more than a minute's worth.
        for _ in 0..<30 { #expect(limiter.take(one, now: 10_000) == nil) }
        #expect(limiter.take(one, now: 10_000) != nil)
        // A clock that goes back gives nothing.
        #expect(limiter.take(one, now: 0) != nil)
    }

    @Test("Another rate holds at once, and none lets all through")
    func changes() throws {
        let (limiter, client) = (RateLimiter(perMinute: 0), try #require(ClientAddress("192.0.2.1")))
        for _ in 0..<100 { #expect(limiter.take(client, now: 1) == nil) }
        limiter.change(perMinute: 2)
        #expect(limiter.take(client, now: 1) == nil && limiter.take(client, now: 1) == nil)
        #expect(limiter.take(client, now: 1) == 30)
        limiter.change(perMinute: 60)
        #expect(limiter.take(client, now: 1) == 1, "a higher rate fills sooner, and gives nothing at once")
        #expect(limiter.take(client, now: 2) == nil)
        limiter.change(perMinute: 0)
        for _ in 0..<100 { #expect(limiter.take(client, now: 2) == nil) }
    }

    @Test("An IPv6 network is one")
    func networks() throws {
        let limiter = RateLimiter(perMinute: 1)
        #expect(limiter.take(try #require(ClientAddress("2001:db8:1:2::1")), now: 0) == nil)
        #expect(limiter.take(try #require(ClientAddress("2001:db8:1:2:3:4:5:6")), now: 0) == 60)
        #expect(limiter.take(try #require(ClientAddress("2001:db8:1:3::1")), now: 0) == nil)
    }

    @Test("However many networks ask, a few that go on asking stay limited, and memory is bounded")
    func bounded() throws {
        let limiter = RateLimiter(perMinute: 2, capacity: 64)
        let busy = try #require(ClientAddress("192.0.2.1"))
        var taken = 0
        for number in 0..<10_000 {
            let other = try #require(ClientAddress("10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"))
            #expect(limiter.take(other, now: 1) == nil)
            if number % 16 == 0, limiter.take(busy, now: 1) == nil { taken += 1 }
        }
        #expect(taken == 2)
    }
}
