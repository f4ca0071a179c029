INSERT INTO events (
    position, stream, category, version, id, name, schema_version, content_type, payload,
    occurred_at, recorded_at, correlation, causation, actor, metadata, tags
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
