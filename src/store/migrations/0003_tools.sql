-- Tools.

-- Of an answer whose calls the host is to answer: a JSON array of them.
ALTER TABLE message ADD COLUMN tool_calls TEXT;
-- Of an answer for which tools were called: what its stream shows of them, as JSON.
ALTER TABLE message ADD COLUMN tool_steps TEXT;
