-- The content family. See 0001_initial.sql for the tokens.

-- Somebody content is exchanged with: may push to us (login_), may be pushed to (url_), or both. Part of the directory.
CREATE TABLE content_partner (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    login_name TEXT UNIQUE,
    login_hash {blob},
    url TEXT,
    url_name TEXT,
    url_password {blob},
    in_flight_max BIGINT NOT NULL,
    opt_in BIGINT NOT NULL,
    array_updates BIGINT NOT NULL,
    feeds BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) {strict};

-- ---- The receiver. ----

-- What each partner has pushed to us, as it is given back in audits. Kinds by number: see content::Kind.
CREATE TABLE content_received (
    partner BIGINT NOT NULL,
    property TEXT NOT NULL,
    kind BIGINT NOT NULL,
    code TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    body TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (partner, property, kind, code)
) {without_rowid};

-- Message ids that got a final answer. The answer itself stands in the log under the same id.
CREATE TABLE content_seen (
    id BIGINT NOT NULL PRIMARY KEY,
    partner BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    hash {blob} NOT NULL,
    http BIGINT NOT NULL,
    answer TEXT NOT NULL,
    UNIQUE (partner, message_id)
) {strict};

-- ---- Both ends: what went over the wire, keyed by time-ordered ids. ----

CREATE TABLE content_log (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    partner BIGINT NOT NULL,
    outbound BIGINT NOT NULL,
    audit BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    op TEXT NOT NULL,
    property TEXT NOT NULL,
    object TEXT NOT NULL,
    message_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    http BIGINT,
    codes TEXT NOT NULL,
    detail TEXT NOT NULL,
    took_us BIGINT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL
) {strict};
CREATE INDEX content_log_message ON content_log (message_id, id);
CREATE INDEX content_log_property ON content_log (property, id);

-- ---- The pusher. ----

-- The model: what the tenant says is true.
CREATE TABLE content_object (
    tenant BIGINT NOT NULL,
    property TEXT NOT NULL,
    kind BIGINT NOT NULL,
    code TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, property, kind, code)
) {without_rowid};

-- What each partner has accepted of the model, and what it is still owed. sent_version 0: nothing yet.
CREATE TABLE content_copy (
    partner BIGINT NOT NULL,
    property TEXT NOT NULL,
    kind BIGINT NOT NULL,
    code TEXT NOT NULL,
    due BIGINT NOT NULL,
    message BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    healed BIGINT NOT NULL,
    sent_version BIGINT NOT NULL,
    sent_enabled BIGINT NOT NULL,
    audit_stage BIGINT NOT NULL,
    audit_at BIGINT NOT NULL,
    repaired_at BIGINT NOT NULL,
    drift TEXT NOT NULL,
    PRIMARY KEY (partner, property, kind, code)
) {without_rowid};
CREATE INDEX content_copy_due ON content_copy (partner, property, kind, code) WHERE due = 1;
CREATE INDEX content_copy_audit ON content_copy (partner, property, audit_at) WHERE audit_stage > 0;

-- One property at one partner: its messages go one at a time. work 0: nothing is planned.
CREATE TABLE content_lane (
    partner BIGINT NOT NULL,
    property TEXT NOT NULL,
    tenant BIGINT NOT NULL,
    parked BIGINT NOT NULL,
    reason TEXT NOT NULL,
    parked_on TEXT NOT NULL,
    parked_at BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    work BIGINT NOT NULL,
    full_audit_at BIGINT NOT NULL,
    PRIMARY KEY (partner, property)
) {without_rowid};

-- Partners nothing is sent to for now: the credentials were refused, or an operator said so.
CREATE TABLE content_pause (
    partner BIGINT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    since BIGINT NOT NULL
) {strict};

CREATE TABLE content_alert (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    partner BIGINT NOT NULL,
    kind TEXT NOT NULL,
    severity BIGINT NOT NULL,
    property TEXT NOT NULL,
    object_kind BIGINT NOT NULL,
    object TEXT NOT NULL,
    message_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    differences TEXT NOT NULL,
    state BIGINT NOT NULL,
    times BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    told_at BIGINT NOT NULL
) {strict};
-- Of one kind about one object at most one alert is open or acknowledged; resolved is 2.
CREATE UNIQUE INDEX content_alert_open ON content_alert (partner, kind, property, object_kind, object) WHERE state < 2;
