-- The index by which what a command or an event has caused is found. It ends with the position, as the others do.
CREATE INDEX events_by_causation ON events (causation) WHERE causation IS NOT NULL;
