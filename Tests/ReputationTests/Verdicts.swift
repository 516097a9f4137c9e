import Reputation

/// The rule of the log that a body breaks; nil when it breaks none.
func violation(_ body: () throws -> Void) -> LogViolation.Rule? {
    do {
        try body()
        return nil
    } catch {
        return (error as? LogViolation)?.rule
    }
}

/// "accepted", or the code of the check that failed.
func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "accepted"
    } catch let error as RenewalError {
        return error.code
    } catch let error as TopUpError {
        return error.code
    } catch let error as PresentationError {
        return error.code
    } catch let error as WalletError {
        return error.code
    } catch {
        return "\(error)"
    }
}
