-- Messages in parts.

-- Of a user's message that was given in parts, as JSON; `content` holds their texts.
ALTER TABLE message ADD COLUMN parts TEXT;
