-- Favorites have an order that their user can change.
ALTER TABLE favorites ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
UPDATE favorites SET position = seq;
