COMMENT ON COLUMN t.e IS 'the user''s own';
