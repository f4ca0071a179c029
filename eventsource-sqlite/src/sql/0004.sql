-- Version 4 of the schema. Once released, this file never changes: a change is a file of its own.
--
-- What projections and leases need. Unlike events it changes: checkpoints move, parked events go, leases go from hand to
-- hand. The triggers refuse what no change may do.

-- A projection of which no generation is left is none, but for its number.
CREATE TABLE projections (
    name            TEXT NOT NULL PRIMARY KEY,
    -- The generation that is read; NULL where none was ever finished.
    live            INTEGER,
    -- A number is never given twice, also not after all was deleted.
    next_generation INTEGER NOT NULL CHECK (next_generation > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE projection_generations (
    projection  TEXT NOT NULL,
    generation  INTEGER NOT NULL CHECK (generation > 0),
    version     INTEGER NOT NULL CHECK (version >= 0),
    -- 64 bits without a sign, as a number with one.
    fingerprint INTEGER NOT NULL,
    -- The last position that is in the read model, or parked; NULL before the first event.
    checkpoint  INTEGER CHECK (checkpoint > 0),
    PRIMARY KEY (projection, generation)
) STRICT, WITHOUT ROWID;

-- The tables of read models, by their plain names. That of generation 3 of `balances` is `balances__g3`, and what is read
-- as `balances` is a view of the live one.
CREATE TABLE projection_tables (
    projection TEXT NOT NULL,
    generation INTEGER NOT NULL,
    name       TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (projection, generation, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX projection_tables_by_name ON projection_tables (name, projection);

CREATE TABLE parked_events (
    projection TEXT NOT NULL,
    generation INTEGER NOT NULL,
    position   INTEGER NOT NULL CHECK (position > 0),
    -- `category-id`.
    stream     TEXT NOT NULL,
    version    INTEGER NOT NULL CHECK (version > 0),
    -- NULL of one that only follows another one of its stream.
    error      TEXT,
    attempts   INTEGER NOT NULL CHECK (attempts >= 0),
    -- Microseconds since 1970, UTC.
    at         INTEGER NOT NULL,
    PRIMARY KEY (projection, generation, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX parked_events_by_stream ON parked_events (projection, generation, stream, position);

CREATE TABLE leases (
    name   TEXT NOT NULL PRIMARY KEY,
    -- Rises with each new holder.
    token  INTEGER NOT NULL CHECK (token > 0),
    -- NULL after it was given back.
    holder TEXT,
    -- Microseconds since 1970, UTC.
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER generations_are_numbered_once BEFORE UPDATE ON projections
WHEN NEW.next_generation < OLD.next_generation OR NEW.name IS NOT OLD.name
BEGIN SELECT RAISE(ABORT, 'the number of a generation is never given twice'); END;
CREATE TRIGGER generations_stay_numbered BEFORE DELETE ON projections
BEGIN SELECT RAISE(ABORT, 'the number of a generation is never given twice'); END;
CREATE TRIGGER projections_are_not_replaced BEFORE INSERT ON projections
WHEN EXISTS (SELECT 1 FROM projections WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'the number of a generation is never given twice'); END;
CREATE TRIGGER checkpoints_do_not_move_back BEFORE UPDATE ON projection_generations
WHEN coalesce(NEW.checkpoint, 0) < coalesce(OLD.checkpoint, 0)
BEGIN SELECT RAISE(ABORT, 'a checkpoint never moves back'); END;
CREATE TRIGGER checkpoints_are_not_replaced BEFORE INSERT ON projection_generations
WHEN EXISTS (
    SELECT 1 FROM projection_generations WHERE projection = NEW.projection AND generation = NEW.generation
)
BEGIN SELECT RAISE(ABORT, 'a checkpoint never moves back'); END;
CREATE TRIGGER tokens_do_not_fall BEFORE UPDATE ON leases
WHEN NEW.token < OLD.token OR NEW.name IS NOT OLD.name
BEGIN SELECT RAISE(ABORT, 'the token of a lease never falls'); END;
CREATE TRIGGER tokens_stay BEFORE DELETE ON leases
BEGIN SELECT RAISE(ABORT, 'the token of a lease never falls'); END;
CREATE TRIGGER leases_are_not_replaced BEFORE INSERT ON leases
WHEN EXISTS (SELECT 1 FROM leases WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'the token of a lease never falls'); END;
