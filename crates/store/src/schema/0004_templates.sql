-- Templates, smart links, events and rules. See 0001_initial.sql for the tokens.

-- Directory: a template is known to clients by template_id.
CREATE TABLE template (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    template_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, template_id)
) {strict};

-- What it says on one channel; a version never changes. The newest approved one is sent. content is a JSON object: the
-- channel's block with its placeholders.
CREATE TABLE template_version (
    id {serial},
    template BIGINT NOT NULL REFERENCES template (id),
    channel TEXT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    approved_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (template, channel, version)
) {strict};

-- Directory: smart links. The row is the linkid of the wire.
CREATE TABLE link (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    validity_minutes BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, name)
) {strict};

-- Who followed a link when: one row for each call. id is time-ordered.
CREATE TABLE link_click (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    link BIGINT NOT NULL,
    message BIGINT NOT NULL
) {strict};

-- Directory: what can happen at a customer's side. The row is the evtid of the wire. parameters is a JSON array of
-- {name, kind, mandatory, default}.
CREATE TABLE event (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    parameters TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, name)
) {strict};

-- Directory: when this happens, send that. happens is 'event', 'inbound', 'receipt' or 'profile'; event is set for the
-- first. conditions is a JSON array of {fact, is, value}; destination is {id type: text with placeholders}.
CREATE TABLE rule (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL REFERENCES service (id),
    name TEXT NOT NULL,
    happens TEXT NOT NULL,
    event BIGINT REFERENCES event (id),
    conditions TEXT NOT NULL,
    template TEXT NOT NULL,
    channel TEXT NOT NULL,
    destination TEXT NOT NULL,
    delay_s BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, name)
) {strict};

-- What happened: one row for each event that was accepted, and for each other happening that a rule took up. facts is a
-- JSON object of texts: what rules see. id is time-ordered.
CREATE TABLE happening (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    happens TEXT NOT NULL,
    event BIGINT,
    transid {blob} NOT NULL,
    correlation TEXT,
    notify_url TEXT,
    facts TEXT NOT NULL
) {strict};

-- What rules made of a happening: a transaction, or why there is none.
CREATE TABLE happening_rule (
    happening BIGINT NOT NULL,
    rule BIGINT NOT NULL,
    at BIGINT NOT NULL,
    message BIGINT,
    note TEXT NOT NULL,
    PRIMARY KEY (happening, rule)
) {without_rowid};

-- Whether a request was made by a rule, and by which: asked about receipts where rules wait for them.
CREATE INDEX happening_rule_message ON happening_rule (message);
