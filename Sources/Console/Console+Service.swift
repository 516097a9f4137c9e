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
        func text(_ count: Int?) -> String { count.map { String($0) } ?? pages.text("overview-many", ["number": String(Console.most)]) }
        return pages.page(
            "overview", visit: visit,
            [
                "leaves": state.tree.leaves.count, "epoch": Int(state.epoch), "entries": state.log.size,
                "forums": try await desk.book.all().count, "bans": text(bans), "appeals": text(appeals),
                "charts": statistics.enumerated().map { Chart.values($0.element, id: "chart-\($0.offset)", pages) },
            ], words: ["threshold": String(DailyCount.threshold)])
    }

    /// Beyond this nobody counts.
    static let most = 1000

    /// Bans in force and appeals that wait; nil for more than ``most``.
    func numbers() async throws -> (bans: Int?, appeals: Int?) {
        let bans = try await desk.store.bans(audience: nil, inForceAt: now, after: 0, limit: Console.most + 1).count
        let appeals = try await desk.store.appeals(open: true, after: 0, limit: Console.most + 1).count
        return (bans > Console.most ? nil : bans, appeals > Console.most ? nil : appeals)
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
        return pages.page("audit", visit: visit, values)
    }

    private func service(_ visit: Visit) async throws -> Response {
        func limit(_ name: String, _ values: [String: String]? = nil, _ number: Int? = nil) -> [String: String] {
            let value = number.map { String($0) } ?? pages.text("limit-\(name)-is", values ?? [:])
            return ["name": pages.text("limit-\(name)"), "value": value]
        }
        let limits = [
            limit(
                "entrance",
                ["tries": "\(Accounts.tries)", "first": "\(Accounts.firstWait)", "longest": "\(Accounts.longestWait)"]),
            limit("session", ["idle": "\(Accounts.idle / 60)", "longest": "\(Accounts.longest / 3600)"]),
            limit("appeals", ["number": "\(Verifier.appealsPerBan)"]), limit("requests", nil, Verifier.outstandingLimit),
            limit("sign-ins", nil, SignIn.greatestInteractions), limit("counts", ["number": "\(DailyCount.threshold)"]),
        ]
        func rate(_ number: Int) -> String { number == 0 ? pages.text("service-unlimited") : String(number) }
        return pages.page(
            "service", visit: visit,
            [
                "keys": await desk.keys.described(now: now).map { ["id": $0.id, "algorithm": $0.algorithm, "state": $0.state] },
                "limits": limits, "greatest": Limits.admissible.upperBound,
                "rates": try await desk.limits().map { line in
                    [
                        "kind": line.kind.rawValue, "what": pages.text("limit-\(line.kind.rawValue)"), "now": rate(line.perMinute),
                        "setting": rate(line.setting), "set": line.chosen.map { "\($0)" } ?? "",
                    ]
                },
                "operators": try await desk.store.operators().map {
                    [
                        "name": $0.name, "role": pages.text("role-\($0.role.rawValue)"),
                        "password": pages.text($0.password == nil ? "service-password-none" : "service-password-set"),
                    ]
                },
            ])
    }
}
