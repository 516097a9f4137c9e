import Hummingbird
import Reputation
import SignIn
import VerifierService

extension Console {
    private static let rows = 100
    /// Days of the charts.
    static let days = 30

    /// Pages about the service itself.
    func addServicePages(to router: Router<ServiceContext>) {
        router.get("console", use: shown { try await overview($0) })
        router.get("console/audit-log", use: shown { try await auditLog($0) })
        router.get("console/service", use: shown { try await service($0) })
        router.post(
            "console/service/keys",
            use: done { visit, _ in
                try await desk.rotateKeys(by: visit.account)
                return ConsolePages.redirect(to: "/console/service")
            })
        router.post(
            "console/service/limits",
            use: done { visit, form in
                var changes: [Limits.Kind: Int?] = [:]
                for kind in Limits.Kind.allCases {
                    guard let text = form[kind.rawValue] else { continue }
                    guard text.isEmpty || Int(text) != nil else { throw Problem.limit }
                    changes.updateValue(Int(text), forKey: kind)
                }
                try await desk.setLimits(changes, by: visit.account)
                return ConsolePages.redirect(to: "/console/service")
            })
    }

    private func overview(_ visit: Visit) async throws -> Response {
        let state = await desk.service.issuer.state
        let statistics = try await desk.statistics(days: Console.days).filter { !$0.isEmpty }
        let (bans, appeals) = try await numbers()
        return pages.page(
            "overview", title: "Overview", visit: visit,
            [
                "leaves": state.tree.leaves.count, "epoch": Int(state.epoch), "entries": state.log.size,
                "forums": try await desk.book.all().count, "bans": bans, "appeals": appeals, "threshold": DailyCount.threshold,
                "charts": statistics.enumerated().map { Chart.values($0.element, id: "chart-\($0.offset)") },
            ])
    }

    /// Bans in force and appeals that wait; beyond a thousand nobody counts.
    func numbers() async throws -> (bans: String, appeals: String) {
        func text(_ count: Int) -> String { count > 1000 ? "more than 1000" : String(count) }
        let bans = try await desk.store.bans(audience: nil, inForceAt: now, after: 0, limit: 1001).count
        return (text(bans), text(try await desk.store.appeals(open: true, after: 0, limit: 1001).count))
    }

    private func auditLog(_ visit: Visit) async throws -> Response {
        let last = try await desk.store.lastAuditRow()?.number ?? 0
        let before = min(visit.query["before"].flatMap { Int($0) } ?? last + 1, last + 1)
        let first = max(1, before - Console.rows)
        let rows = before > first ? try await desk.store.auditRows(after: first - 1, limit: before - first) : []
        var values: [String: Any] = [
            "rows": try rows.reversed().map { row -> [String: Any] in
                let entry = try row.entry()
                return [
                    "number": row.number, "time": UTC.text(entry.time), "by": entry.by, "action": entry.action,
                    "about": entry.about.sorted { $0.key < $1.key }.map { ["name": $0.key, "value": $0.value] },
                ]
            }, "older": first > 1 ? "\(first)" : false as Any, "holds": false, "fails": false,
        ]
        do {
            if let head = try await AuditCheck.run(desk.store) { values["holds"] = head.text }
        } catch let failure as AuditCheck.Failure {
            values["fails"] = "\(failure)"
        }
        return pages.page("audit", title: "Audit log", visit: visit, values)
    }

    private func service(_ visit: Visit) async throws -> Response {
        let limits = [
            (
                "Sign-in at the console",
                "\(Accounts.tries) wrong passwords, then a wait of \(Accounts.firstWait) to \(Accounts.longestWait) seconds"
            ),
            ("Session of an operator", "\(Accounts.idle / 60) minutes without use, \(Accounts.longest / 3600) hours in any case"),
            ("Appeals against one ban", "\(Verifier.appealsPerBan), one at a time"),
            ("Open presentation requests", "\(Verifier.outstandingLimit)"),
            ("Sign-ins that are under way", "\(SignIn.greatestInteractions)"),
            ("Counts that are shown", "from \(DailyCount.threshold) on"),
        ]
        return pages.page(
            "service", title: "Keys and limits", visit: visit,
            [
                "keys": await desk.keys.described(now: now).map { ["id": $0.id, "algorithm": $0.algorithm, "state": $0.state] },
                "limits": limits.map { ["name": $0.0, "value": $0.1] }, "greatest": Limits.admissible.upperBound,
                "rates": try await desk.limits().map { line in
                    [
                        "kind": line.kind.rawValue, "what": line.kind.described, "now": line.perMinute == 0 ? "none" : "\(line.perMinute)",
                        "setting": line.setting == 0 ? "none" : "\(line.setting)", "set": line.chosen.map { "\($0)" } ?? "",
                    ]
                },
                "operators": try await desk.store.operators().map {
                    ["name": $0.name, "role": $0.role.rawValue, "password": $0.password == nil ? "not chosen yet" : "set"]
                },
            ])
    }
}

extension Limits.Kind {
    /// What is counted, for people.
    fileprivate var described: String {
        switch self {
        case .claims: "Codes of members: claims and top-ups"
        case .proofs: "Presentations, renewals, answers to a sign-in, typed codes"
        case .forums: "Backends of forums: requests, tokens, userinfo"
        case .pages: "Pages and other small answers"
        case .files: "Files of the log"
        }
    }
}
