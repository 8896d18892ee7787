-- Customers, their app profiles, and idempotency keys. See 0001_initial.sql for the tokens.

-- Directory: attributes a tenant has added to its master profile store.
CREATE TABLE profile_attribute (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'number', 'flag', 'date')),
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, name)
) {strict};

-- attributes is a JSON object of texts, as the client wrote them; msisdn and email beside it are as they are compared.
CREATE TABLE customer (
    id {serial},
    tenant BIGINT NOT NULL,
    customer_id TEXT NOT NULL,
    msisdn TEXT,
    email TEXT,
    active BIGINT NOT NULL,
    verified BIGINT NOT NULL,
    attributes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant, customer_id)
) {strict};

-- One device of one user, or one account of a social channel. ident is what is unique in the app: rtmId, psid, Twitter
-- or WeChat id. The link to the customer is by value: an app profile may be there before its customer. secrets is a
-- sealed JSON object of texts. seen_at is the last sign of life of a device, in whole days; accounts have none.
CREATE TABLE app_profile (
    id {serial},
    tenant BIGINT NOT NULL,
    app BIGINT NOT NULL REFERENCES app (id),
    ident TEXT NOT NULL,
    customer_id TEXT,
    user_id TEXT,
    device_id TEXT,
    token TEXT,
    os TEXT,
    active BIGINT NOT NULL,
    verified BIGINT NOT NULL,
    attributes TEXT NOT NULL,
    secrets {blob},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    seen_at BIGINT,
    UNIQUE (app, ident)
) {strict};
-- Days come in order, so it grows at its right edge, and a device moves in it once a day at most.
CREATE INDEX app_profile_seen ON app_profile (seen_at) WHERE seen_at IS NOT NULL;

-- How profiles are found: hashes of (what it is, tenant or app, text) to rows of customer or app_profile. One index of
-- two integers instead of six over texts. Not in find: that one is never deleted from but by age, and a profile may
-- live for years and change its number meanwhile. See src/profiles.rs.
CREATE TABLE profile_key (
    hash BIGINT NOT NULL,
    profile BIGINT NOT NULL,
    PRIMARY KEY (hash, profile)
) {without_rowid};

-- Batches of the Profile API that are not done while the client waits. The body is sealed, and emptied when it is done.
CREATE TABLE profile_request (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    transid {blob} NOT NULL,
    app BIGINT,
    body {blob},
    results TEXT,
    done_at BIGINT
) {strict};
CREATE INDEX profile_request_open ON profile_request (id) WHERE done_at IS NULL;

-- Answers of requests that carried an Idempotency-Key. key and body are SHA-256.
CREATE TABLE idempotency (
    tenant BIGINT NOT NULL,
    key {blob} NOT NULL,
    body {blob} NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, key)
) {without_rowid};
CREATE INDEX idempotency_at ON idempotency (at);
