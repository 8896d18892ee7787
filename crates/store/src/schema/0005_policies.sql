-- Credits, rate plans and what else decides whether a message may leave. See 0001_initial.sql for the tokens.

-- ---- Directory. ----

-- settings is a JSON object; service 0: those of the tenant.
CREATE TABLE policy (
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL,
    settings TEXT NOT NULL,
    PRIMARY KEY (tenant, service)
) {without_rowid};

-- Prices in millionths; prefix is digits without +, empty for every destination.
CREATE TABLE rate (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    channel TEXT NOT NULL,
    prefix TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price >= 0),
    UNIQUE (tenant, channel, prefix)
) {strict};

-- tenant 0: the platform's, for all tenants.
CREATE TABLE spam_phrase (
    id {serial},
    tenant BIGINT NOT NULL,
    phrase TEXT NOT NULL,
    UNIQUE (tenant, phrase)
) {strict};

-- Destinations a tenant may send to while it is held to verified ones.
CREATE TABLE verified (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    destination TEXT NOT NULL,
    since BIGINT NOT NULL,
    UNIQUE (tenant, destination)
) {strict};

-- ---- Money: asked and changed when a message leaves. Amounts in millionths. ----

-- balance = granted - the tenant's charges that were not refunded, at every commit; charges are pruned with their messages.
CREATE TABLE credit (
    tenant BIGINT NOT NULL PRIMARY KEY REFERENCES tenant (id),
    enforced BIGINT NOT NULL,
    granted BIGINT NOT NULL,
    balance BIGINT NOT NULL CHECK (balance >= 0),
    updated_at BIGINT NOT NULL
) {without_rowid};

-- One row for each message that was charged; the key is what makes a charge happen once.
CREATE TABLE charge (
    message BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    at BIGINT NOT NULL,
    refunded_at BIGINT
) {without_rowid};

-- ---- Do not disturb. ----

CREATE TABLE dnd_platform (
    msisdn TEXT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL,
    source TEXT NOT NULL
) {without_rowid};

-- Changes of all lists in the order of their commits, for servers that keep the lists in memory; tenant 0: the platform's.
CREATE TABLE dnd_change (
    seq BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    msisdn TEXT NOT NULL,
    listed BIGINT NOT NULL
) {without_rowid};

-- ---- What burst mode has used, kept over restarts. ----

CREATE TABLE burst_use (
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    api TEXT NOT NULL,
    day BIGINT NOT NULL,
    day_secs BIGINT NOT NULL,
    month BIGINT NOT NULL,
    month_secs BIGINT NOT NULL,
    PRIMARY KEY (tenant, api)
) {without_rowid};
