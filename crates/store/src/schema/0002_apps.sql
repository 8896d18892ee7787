-- App assets of the channels other than SMS. See 0001_initial.sql for the tokens.

-- Directory. app_id is what the wire shows; secrets is a sealed JSON object.
CREATE TABLE app (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    app_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('mobile', 'fb', 'twitter', 'wechat')),
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'suspended')),
    push BIGINT NOT NULL,
    rt BIGINT NOT NULL,
    config TEXT NOT NULL,
    secrets {blob},
    created_at BIGINT NOT NULL
) {strict};

-- The asset of a service on a channel when a request names none.
CREATE TABLE service_app (
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL REFERENCES service (id),
    channel TEXT NOT NULL,
    app BIGINT NOT NULL REFERENCES app (id),
    PRIMARY KEY (service, channel)
) {without_rowid};

-- Ledger: the addresses a message was resolved to, one for each part of its progress.
CREATE TABLE target (
    message BIGINT NOT NULL,
    part BIGINT NOT NULL,
    app BIGINT,
    id_type TEXT NOT NULL,
    address TEXT NOT NULL,
    device TEXT,
    PRIMARY KEY (message, part)
) {without_rowid};
-- "Everything up to this moment was read" names a user, not a message; other channels have no such reports.
CREATE INDEX target_psid ON target (app, address, message) WHERE id_type = 'psid';

-- Ledger: what users of the social channels said. provider_ref is the provider's id of it: a webhook that is sent twice
-- is kept once.
CREATE TABLE social_inbound (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    service BIGINT,
    app BIGINT NOT NULL,
    channel TEXT NOT NULL,
    source TEXT NOT NULL,
    event TEXT NOT NULL,
    text TEXT NOT NULL,
    attachments TEXT,
    postback TEXT,
    provider_ref TEXT NOT NULL,
    received_at BIGINT NOT NULL
) {strict};
CREATE UNIQUE INDEX social_inbound_ref ON social_inbound (app, provider_ref);

-- What the MQTT broker remembers of a device (a row of app_profile). token is SHA-256 of the access token; subscriptions
-- a JSON object of topics and their quality, null before the first; packet the last packet identifier given out.
CREATE TABLE rt_session (
    profile BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    app BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    token {blob} NOT NULL,
    token_until BIGINT NOT NULL,
    subscriptions TEXT,
    packet BIGINT NOT NULL
) {strict};

-- Messages on their way to a device. state: 0 waits, 1 the device has it and is to forget its identifier, 2 done. One that
-- is done stays for a while: an attempt that is made again after a crash must not send it again.
CREATE TABLE rt_parcel (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    profile BIGINT NOT NULL,
    tid TEXT NOT NULL,
    packet BIGINT NOT NULL,
    state BIGINT NOT NULL,
    payload TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (profile, tid)
) {strict};
CREATE INDEX rt_parcel_open ON rt_parcel (profile, id) WHERE state < 2;
CREATE INDEX rt_parcel_end ON rt_parcel (expires_at);
-- A SIP trunk: the connection to a provider of calls.
CREATE TABLE sip_trunk (
    id {serial},
    name TEXT NOT NULL UNIQUE,
    tenant BIGINT REFERENCES tenant (id),
    sandbox BIGINT NOT NULL,
    config TEXT NOT NULL,
    password {blob},
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) {strict};

-- What calls play: G.711 µ-law at 8 kHz.
CREATE TABLE voice_prompt (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    prompt_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sound {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, prompt_id),
    UNIQUE (tenant, name)
) {strict};

-- What a call does once it is answered, as JSON.
CREATE TABLE voice_flow (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    flow_id TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, flow_id)
) {strict};

-- A call under way: what a server that dies leaves behind, for its next start.
CREATE TABLE voice_call (
    message BIGINT NOT NULL PRIMARY KEY,
    node BIGINT NOT NULL
) {without_rowid};
