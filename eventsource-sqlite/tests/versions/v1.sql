-- A file as version 1 made it, with two appends in it.

-- Version 1 of the schema. Once released, this file never changes: a change is a file of its own.
--
-- Nothing in it is ever updated or deleted, and the triggers below keep it so also for other programs that write to the
-- file, as long as they leave the triggers and the tables where they are. Texts that repeat are stored once and stand in the events as numbers.

CREATE TABLE categories (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE streams (
    id       INTEGER PRIMARY KEY,
    category INTEGER NOT NULL REFERENCES categories (id),
    name     TEXT NOT NULL,
    UNIQUE (category, name)
) STRICT;

-- The stored names of events.
CREATE TABLE names (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE content_types (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE events (
    -- 1, 2, 3 ... without holes, in the order of commits. Since nothing is deleted, none is used twice.
    position       INTEGER PRIMARY KEY CHECK (position > 0),
    stream         INTEGER NOT NULL REFERENCES streams (id),
    -- That of the stream, for the index.
    category       INTEGER NOT NULL REFERENCES categories (id),
    version        INTEGER NOT NULL CHECK (version > 0),
    id             BLOB NOT NULL CHECK (length(id) = 16),
    name           INTEGER NOT NULL REFERENCES names (id),
    schema_version INTEGER NOT NULL CHECK (schema_version > 0),
    -- A number in `content_types`; NULL is application/json. No foreign key: a new content type would search all events.
    content_type   INTEGER,
    payload        BLOB NOT NULL,
    -- Microseconds since 1970, UTC.
    occurred_at    INTEGER NOT NULL,
    -- The same; never falls as positions rise.
    recorded_at    INTEGER NOT NULL,
    correlation    BLOB CHECK (length(correlation) = 16),
    causation      BLOB CHECK (length(causation) = 16),
    actor          TEXT,
    -- A JSON object; NULL where there are no facts.
    metadata       TEXT,
    -- A JSON array, for reading the event; NULL where there are none. The table `tags` is for finding it.
    tags           TEXT
) STRICT;

-- Each of these ends with the position, which is the row's own number.
CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
CREATE UNIQUE INDEX events_by_id ON events (id);
CREATE INDEX events_by_category ON events (category);
CREATE INDEX events_by_name ON events (name);
CREATE INDEX events_by_occurred_at ON events (occurred_at);
CREATE INDEX events_by_correlation ON events (correlation) WHERE correlation IS NOT NULL;

-- No foreign key to the events here and below: with one, each event stored would search these tables.
CREATE TABLE tags (
    tag      TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (tag, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE append_keys (
    key            TEXT NOT NULL PRIMARY KEY,
    first_position INTEGER NOT NULL,
    last_position  INTEGER NOT NULL,
    CHECK (first_position <= last_position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER events_are_not_updated BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'stored events are never changed'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'stored events are never deleted'); END;
CREATE TRIGGER tags_are_not_updated BEFORE UPDATE ON tags
BEGIN SELECT RAISE(ABORT, 'stored tags are never changed'); END;
CREATE TRIGGER tags_are_not_deleted BEFORE DELETE ON tags
BEGIN SELECT RAISE(ABORT, 'stored tags are never deleted'); END;
CREATE TRIGGER append_keys_are_not_updated BEFORE UPDATE ON append_keys
BEGIN SELECT RAISE(ABORT, 'append keys are never changed'); END;
CREATE TRIGGER append_keys_are_not_deleted BEFORE DELETE ON append_keys
BEGIN SELECT RAISE(ABORT, 'append keys are never deleted'); END;
CREATE TRIGGER streams_are_not_updated BEFORE UPDATE ON streams
BEGIN SELECT RAISE(ABORT, 'streams are never renamed'); END;
CREATE TRIGGER streams_are_not_deleted BEFORE DELETE ON streams
BEGIN SELECT RAISE(ABORT, 'streams are never deleted'); END;
CREATE TRIGGER names_are_not_updated BEFORE UPDATE ON names
BEGIN SELECT RAISE(ABORT, 'event names are never changed'); END;
CREATE TRIGGER names_are_not_deleted BEFORE DELETE ON names
BEGIN SELECT RAISE(ABORT, 'event names are never deleted'); END;
CREATE TRIGGER categories_are_not_updated BEFORE UPDATE ON categories
BEGIN SELECT RAISE(ABORT, 'categories are never changed'); END;
CREATE TRIGGER categories_are_not_deleted BEFORE DELETE ON categories
BEGIN SELECT RAISE(ABORT, 'categories are never deleted'); END;
CREATE TRIGGER content_types_are_not_updated BEFORE UPDATE ON content_types
BEGIN SELECT RAISE(ABORT, 'content types are never changed'); END;
CREATE TRIGGER content_types_are_not_deleted BEFORE DELETE ON content_types
BEGIN SELECT RAISE(ABORT, 'content types are never deleted'); END;

-- `INSERT OR REPLACE` deletes without asking the triggers for DELETE; these it does ask. The first also keeps the numbers
-- without holes, whoever writes.
CREATE TRIGGER events_are_appended BEFORE INSERT ON events
WHEN NEW.position IS NOT 1 + coalesce((SELECT max(position) FROM events), 0)
    OR NEW.version IS NOT 1 + coalesce((SELECT max(version) FROM events WHERE stream = NEW.stream), 0)
    OR NEW.category IS NOT (SELECT category FROM streams WHERE id = NEW.stream)
    OR EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'events are only appended, each at the end of its stream'); END;
-- A tag that its event does not have would make reads give what they were not asked for. The event is stored first.
CREATE TRIGGER tags_are_those_of_their_event BEFORE INSERT ON tags
WHEN NOT EXISTS (
    SELECT 1 FROM events e, json_each(e.tags) own WHERE e.position = NEW.position AND own.value = NEW.tag
)
BEGIN SELECT RAISE(ABORT, 'a tag is stored with its event'); END;
-- The key is the last thing that an append stores.
CREATE TRIGGER append_keys_are_those_of_their_events BEFORE INSERT ON append_keys
WHEN NEW.first_position < 1 OR NEW.last_position IS NOT (SELECT max(position) FROM events)
BEGIN SELECT RAISE(ABORT, 'an append key is stored with its events'); END;
CREATE TRIGGER append_keys_are_not_replaced BEFORE INSERT ON append_keys
WHEN EXISTS (SELECT 1 FROM append_keys WHERE key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'append keys are never changed'); END;
CREATE TRIGGER streams_are_not_replaced BEFORE INSERT ON streams
WHEN EXISTS (SELECT 1 FROM streams WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM streams WHERE category = NEW.category AND name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'streams are never renamed'); END;
CREATE TRIGGER names_are_not_replaced BEFORE INSERT ON names
WHEN EXISTS (SELECT 1 FROM names WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM names WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'event names are never changed'); END;
CREATE TRIGGER categories_are_not_replaced BEFORE INSERT ON categories
WHEN EXISTS (SELECT 1 FROM categories WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM categories WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'categories are never changed'); END;
CREATE TRIGGER content_types_are_not_replaced BEFORE INSERT ON content_types
WHEN EXISTS (SELECT 1 FROM content_types WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM content_types WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'content types are never changed'); END;

PRAGMA application_id = 0x45765374;
PRAGMA user_version = 1;

INSERT INTO categories (id, name)
VALUES (1, 'account');
INSERT INTO categories (id, name)
VALUES (2, 'order');
INSERT INTO streams (id, category, name)
VALUES (1, 1, '576');
INSERT INTO streams (id, category, name)
VALUES (2, 2, '1');
INSERT INTO names (id, name)
VALUES (1, 'money.deposited');
INSERT INTO content_types (id, name)
VALUES (1, 'x/bytes');
INSERT INTO events (
    position, stream, category, version, id, name, schema_version, content_type, payload,
    occurred_at, recorded_at, correlation, causation, actor, metadata, tags
)
VALUES (1, 1, 1, 1, X'01A1FE8B73087D819F87FAB55BDD7C50', 1, 1, NULL, X'31', 1,
    1795271914249320, X'01A1FE8B73087DF3BFE4D12E29E029B1', X'01A1FE8B73087DF492FB2A15C7F8997A', 'teller', '{"ip":"10.0.0.1"}', '["north","vip"]');
INSERT INTO events (
    position, stream, category, version, id, name, schema_version, content_type, payload,
    occurred_at, recorded_at, correlation, causation, actor, metadata, tags
)
VALUES (2, 1, 1, 2, X'01A1FE8B73087DF786F3D9DFAE9C90DC', 1, 1, 1, X'FF0027', 2,
    1795271914249320, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tags (tag, position)
VALUES ('north', 1);
INSERT INTO tags (tag, position)
VALUES ('vip', 1);
INSERT INTO append_keys (key, first_position, last_position)
VALUES ('opening', 1, 2);
INSERT INTO events (
    position, stream, category, version, id, name, schema_version, content_type, payload,
    occurred_at, recorded_at, correlation, causation, actor, metadata, tags
)
VALUES (3, 2, 2, 1, X'01A1FE8B7315748B90E87A00AF23D4F8', 1, 1, NULL, X'33', 3,
    1795271914261362, NULL, NULL, NULL, NULL, NULL);
