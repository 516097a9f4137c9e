extension SQLStore {
    static let baseTables = """
        CREATE TABLE community (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
            document BLOB NOT NULL
        ) STRICT;
        CREATE TABLE claimCode (
            community BLOB NOT NULL REFERENCES community (id),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            person TEXT NOT NULL,
            attributes BLOB NOT NULL,
            PRIMARY KEY (community, hash),
            UNIQUE (community, person)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE issuance (
            number INTEGER PRIMARY KEY,
            community BLOB NOT NULL,
            codeHash BLOB NOT NULL,
            blank BLOB NOT NULL CHECK (length(blank) = 33),
            message BLOB NOT NULL,
            leaf BLOB NOT NULL CHECK (length(leaf) = 33),
            answer BLOB NOT NULL,
            included INTEGER,
            UNIQUE (community, codeHash),
            FOREIGN KEY (community, codeHash) REFERENCES claimCode (community, hash)
        ) STRICT;
        CREATE INDEX pendingIssuance ON issuance (community, number) WHERE included IS NULL;
        CREATE TABLE logEntry (
            community BLOB NOT NULL REFERENCES community (id),
            position INTEGER NOT NULL,
            entry BLOB NOT NULL,
            PRIMARY KEY (community, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE checkpoint (
            community BLOB NOT NULL REFERENCES community (id),
            size INTEGER NOT NULL,
            note BLOB NOT NULL,
            PRIMARY KEY (community, size)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE request (
            nonce BLOB PRIMARY KEY CHECK (length(nonce) >= 16),
            audience BLOB NOT NULL CHECK (length(audience) = 32),
            document BLOB NOT NULL,
            expires INTEGER NOT NULL,
            accepted INTEGER,
            presentation BLOB,
            logSize INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX outstandingRequest ON request (expires) WHERE accepted IS NULL;
        CREATE TABLE nullifier (
            scope BLOB NOT NULL,
            nullifier BLOB NOT NULL CHECK (length(nullifier) = 33),
            nonce BLOB NOT NULL REFERENCES request (nonce),
            PRIMARY KEY (scope, nullifier)
        ) STRICT, WITHOUT ROWID;
        """

    /// A checkpoint may wait for its witnesses.
    static let publishedColumn = "ALTER TABLE checkpoint ADD COLUMN published INTEGER NOT NULL DEFAULT 1;"

    /// How many requests are outstanding is asked before each new one: counting them all each time would take longer the more there are. Each
    /// writer counts in a row of its own, which may be below 0; the sum is the number. In one row for all, transactions that run at the same
    /// time would always be in each other's way.
    ///
    /// The mark of an acceptance says whose it is: who does not know what became of his commit finds it out by it.
    static let outstandingTable = """
        CREATE TABLE outstanding (
            writer INTEGER PRIMARY KEY,
            requests INTEGER NOT NULL
        ) STRICT;
        INSERT INTO outstanding (writer, requests) SELECT 0, count(*) FROM request WHERE accepted IS NULL;
        ALTER TABLE request ADD COLUMN mark BLOB;
        """

    /// One set for all processes on a store: sets of different moments would tell more than one does.
    static let spentSetTable = """
        CREATE TABLE spentSet (
            community BLOB NOT NULL REFERENCES community (id),
            epoch INTEGER NOT NULL,
            made INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (community, epoch)
        ) STRICT, WITHOUT ROWID;
        """

    // MARK: Earlier steps, in SQLite alone

    static let firstLeafTable = """
        CREATE TABLE leaf (
            community BLOB NOT NULL,
            epoch INTEGER NOT NULL,
            position INTEGER NOT NULL,
            point BLOB,
            PRIMARY KEY (community, epoch, position)
        ) STRICT, WITHOUT ROWID;
        """

    static let firstCounter = """
        CREATE TABLE outstanding (
            only INTEGER PRIMARY KEY CHECK (only = 0),
            requests INTEGER NOT NULL
        ) STRICT;
        INSERT INTO outstanding SELECT 0, count(*) FROM request WHERE accepted IS NULL;
        CREATE TRIGGER requestAdded AFTER INSERT ON request WHEN new.accepted IS NULL BEGIN
            UPDATE outstanding SET requests = requests + 1;
        END;
        CREATE TRIGGER requestUsed AFTER UPDATE OF accepted ON request
        WHEN old.accepted IS NULL AND new.accepted IS NOT NULL BEGIN
            UPDATE outstanding SET requests = requests - 1;
        END;
        CREATE TRIGGER requestRemoved AFTER DELETE ON request WHEN old.accepted IS NULL BEGIN
            UPDATE outstanding SET requests = requests - 1;
        END;
        """

    static let endOfFirstCounter = """
        DROP TRIGGER requestAdded;
        DROP TRIGGER requestUsed;
        DROP TRIGGER requestRemoved;
        DROP TABLE outstanding;
        """
}
