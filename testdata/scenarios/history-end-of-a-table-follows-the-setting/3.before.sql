CREATE TABLE after_second AS SELECT id, email, _singular_start, _singular_end, _singular_active FROM users;
