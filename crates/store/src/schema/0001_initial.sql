-- One file for both engines. {serial}, {blob}, {strict} and {without_rowid} are replaced per engine; BIGINT becomes
-- INTEGER on SQLite; what follows "-- postgres:" runs there only. Times are unix microseconds, booleans 0 or 1.

-- ---- Directory: small, read as one snapshot into memory. ----

CREATE TABLE tenant (
    id {serial},
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'suspended')),
    time_zone TEXT NOT NULL,
    default_priority BIGINT NOT NULL,
    sandbox BIGINT NOT NULL,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL
) {strict};

CREATE TABLE service (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'suspended')),
    notify_url TEXT,
    notify_types BIGINT NOT NULL,
    inbound_url TEXT,
    default_sender TEXT,
    route_group TEXT,
    hub_secret {blob},
    hub_algorithm TEXT,
    jwt_secret {blob},
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, slug)
) {strict};

CREATE TABLE api_key (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT REFERENCES service (id),
    kind TEXT NOT NULL CHECK (kind IN ('service', 'profile')),
    prefix TEXT NOT NULL,
    hash {blob} NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
) {strict};

CREATE TABLE sender (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    address TEXT NOT NULL,
    tps BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, address)
) {strict};

-- tenant NULL: shared by all tenants.
CREATE TABLE smpp_connection (
    id {serial},
    name TEXT NOT NULL UNIQUE,
    tenant BIGINT REFERENCES tenant (id),
    sandbox BIGINT NOT NULL,
    config TEXT NOT NULL,
    password {blob},
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) {strict};

CREATE TABLE ip_allow (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    cidr TEXT NOT NULL,
    UNIQUE (tenant, cidr)
) {strict};

CREATE TABLE tps_limit (
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    api TEXT NOT NULL,
    per_second BIGINT NOT NULL,
    burst_mode BIGINT NOT NULL,
    PRIMARY KEY (tenant, api)
) {without_rowid};

-- Not in the snapshot: it may hold millions of numbers and is asked by primary key.
CREATE TABLE dnd (
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    msisdn TEXT NOT NULL,
    since BIGINT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (tenant, msisdn)
) {without_rowid};

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) {without_rowid};

-- ---- Ledger: keyed by time-ordered ids, written at the right edge, pruned at the left. ----
-- No secondary index: a transaction id contains the request's id, the messages of a request have consecutive ids
-- from request.id on, and every other way in goes through find. An index on a random column would cost more than
-- all the rest of the insert.

CREATE TABLE request (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    transid {blob} NOT NULL,
    api_key BIGINT NOT NULL,
    channel TEXT NOT NULL,
    content TEXT NOT NULL,
    notify_url TEXT,
    callback_data TEXT,
    expires_at BIGINT,
    priority BIGINT NOT NULL,
    route TEXT,
    units BIGINT NOT NULL,
    messages BIGINT NOT NULL
) {strict};

CREATE TABLE message (
    id BIGINT NOT NULL PRIMARY KEY,
    request BIGINT NOT NULL,
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    unit BIGINT NOT NULL,
    dest_type TEXT NOT NULL,
    destination TEXT NOT NULL,
    correlation TEXT,
    state BIGINT NOT NULL,
    code BIGINT,
    progress {blob},
    connection BIGINT,
    parts BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {strict};

CREATE TABLE story (
    message BIGINT NOT NULL,
    at BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    code BIGINT,
    detail TEXT,
    PRIMARY KEY (message, at, seq)
) {without_rowid};

-- ---- Keys: see src/keys. ----

CREATE TABLE find_tail (
    seq {serial},
    hash BIGINT NOT NULL,
    id BIGINT NOT NULL
) {strict};
-- SQLite's writer keeps the tail in memory; nodes that share PostgreSQL cannot.
-- postgres: CREATE INDEX find_tail_hash ON find_tail (hash);

CREATE TABLE find (
    gen BIGINT NOT NULL,
    hash BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (gen, hash, id)
) {without_rowid};

CREATE TABLE find_gen (
    gen {serial},
    keys BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    newest_id BIGINT NOT NULL
) {strict};

-- ---- Work: see src/work. leased is 1 while ready_at is the end of a lease. ----

CREATE TABLE work (
    id BIGINT NOT NULL PRIMARY KEY,
    queue BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    leased BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    expires_at BIGINT,
    payload TEXT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL
) {strict};
CREATE INDEX work_ready ON work (queue, ready_at, id);
CREATE INDEX work_lane ON work (lane, id) WHERE lane <> 0;

CREATE TABLE queue (
    id BIGINT NOT NULL PRIMARY KEY,
    kind BIGINT NOT NULL,
    dest BIGINT NOT NULL,
    tenant BIGINT NOT NULL,
    sender BIGINT NOT NULL,
    priority BIGINT NOT NULL
) {strict};

-- ---- What came in from the networks. ----

CREATE TABLE receipt_held (
    id {serial},
    connection BIGINT NOT NULL,
    provider_id TEXT NOT NULL,
    source TEXT NOT NULL,
    hash BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    stat TEXT NOT NULL,
    err TEXT,
    code BIGINT,
    matched_message BIGINT,
    matched_at BIGINT
) {strict};
-- Random keys, but only of receipts that came before their message id: few.
CREATE INDEX receipt_held_hash ON receipt_held (hash);

CREATE TABLE inbound (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT,
    service BIGINT,
    connection BIGINT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    text TEXT NOT NULL,
    data_coding BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    received_at BIGINT NOT NULL
) {strict};

CREATE TABLE inbound_part (
    connection BIGINT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    reference BIGINT NOT NULL,
    total BIGINT NOT NULL,
    n BIGINT NOT NULL,
    data_coding BIGINT NOT NULL,
    payload {blob} NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (connection, source, destination, reference, total, n)
) {without_rowid};

-- ---- The operator's side. ----

CREATE TABLE audit (
    id {serial},
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    tenant BIGINT,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
) {strict};

CREATE TABLE node (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id BETWEEN 0 AND 63),
    name TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
) {strict};
