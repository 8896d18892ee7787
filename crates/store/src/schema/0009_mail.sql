-- Letters on their way out. See 0001_initial.sql for the tokens.

-- Each is written with what it tells of, and sealed: it may hold codes that open an account. state 0: waiting, 1: sent,
-- 2: refused, 3: given up, 4: withheld by the safeguard. Ids are time-ordered. One that waits has a row in work, its subject.
CREATE TABLE mail (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    reason TEXT NOT NULL,
    about BIGINT NOT NULL,
    letter {blob} NOT NULL,
    state BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    diverted BIGINT NOT NULL,
    reply_code BIGINT,
    words TEXT NOT NULL,
    changed_at BIGINT NOT NULL
) {strict};
CREATE INDEX mail_unsent ON mail (id) WHERE state <> 1;

-- The state in which an alert was mailed last: 0 open, 2 resolved; -1: never.
ALTER TABLE content_alert ADD COLUMN mailed_state BIGINT NOT NULL DEFAULT -1;
