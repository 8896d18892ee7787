-- In-app messaging: the server side inbox, topics, media, fresh tokens. See 0001_initial.sql for the tokens.

-- A thread of an app. thread_id is the id on the wire; extras the JSON the client gave, null for none. used_at is the last
-- day something was said in it: a conversation nobody used goes with the inbox, an announcement stays.
CREATE TABLE rt_thread (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    app BIGINT NOT NULL,
    thread_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('Conversation', 'Announcement')),
    external_id TEXT,
    title TEXT,
    category TEXT,
    extras TEXT,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    UNIQUE (app, thread_id)
) {strict};
CREATE INDEX rt_thread_app ON rt_thread (app, id);
CREATE INDEX rt_thread_used ON rt_thread (used_at) WHERE kind = 'Conversation';

-- A user's side of a thread: there from the first message on, or from the first change for the user. Columns that are
-- null are as the thread has them.
CREATE TABLE rt_thread_user (
    app BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    thread BIGINT NOT NULL,
    tenant BIGINT NOT NULL,
    external_id TEXT,
    title TEXT,
    category TEXT,
    extras TEXT,
    status TEXT NOT NULL CHECK (status IN ('Active', 'Closed')),
    reason TEXT,
    updated_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (app, user_id, thread)
) {without_rowid};
CREATE INDEX rt_thread_user_used ON rt_thread_user (used_at);

-- What was said in threads, once for each user. said: 1 by the user, 0 to the user. payload is the message as a device
-- gets it, without the members that name the device.
CREATE TABLE rt_message (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    app BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    thread BIGINT NOT NULL,
    tid TEXT NOT NULL,
    said BIGINT NOT NULL,
    payload TEXT NOT NULL,
    delivered_at BIGINT,
    read_at BIGINT,
    UNIQUE (app, user_id, tid)
) {strict};
CREATE INDEX rt_message_thread ON rt_message (app, user_id, thread, id);
CREATE INDEX rt_message_unread ON rt_message (app, user_id, thread) WHERE said = 0 AND read_at IS NULL;

-- A topic of an app and who follows it. topic_id is the id on the wire.
CREATE TABLE rt_topic (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    app BIGINT NOT NULL,
    topic_id TEXT NOT NULL,
    name TEXT NOT NULL,
    ref TEXT,
    topic_group TEXT,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (app, topic_id),
    UNIQUE (app, name)
) {strict};
CREATE INDEX rt_topic_app ON rt_topic (app, id);

CREATE TABLE rt_subscriber (
    topic BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    tenant BIGINT NOT NULL,
    app BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (topic, user_id)
) {without_rowid};
CREATE INDEX rt_subscriber_user ON rt_subscriber (app, user_id, topic);

-- Files of an app; the bytes lie in the media folder under the media_id.
CREATE TABLE rt_media (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant BIGINT NOT NULL,
    app BIGINT NOT NULL,
    media_id TEXT NOT NULL UNIQUE,
    content_type TEXT NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL
) {strict};

CREATE INDEX rt_media_app ON rt_media (app, size);

-- Calls that name no device are known by their token. One entry a device, written when it registers.
CREATE INDEX rt_session_token ON rt_session (token);

-- SHA-256 of the token that fetches a new access token, and its end; null for devices that registered before.
ALTER TABLE rt_session ADD COLUMN refresh {blob};
ALTER TABLE rt_session ADD COLUMN refresh_until BIGINT;

-- The number under which receipts of a parcel find their message, where one message has many parcels; null: its own.
ALTER TABLE rt_parcel ADD COLUMN carrier BIGINT;
